import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import type { FaultRule } from '../../sandbox';
import { call, codeOf, order, start, workOrder } from './client';

const ID = orderId(1);
const PATH = order(ID);
const CHANGE = { description: 'mine' };

describe('faults before the request is processed', () => {
  it('throttles with the Retry-After it is told, in the spelling of the API', async () => {
    const sandbox = await start({ faults: [{ fault: 'throttled', retryAfter: '120, 60' }] });
    const orders = await call(sandbox, 'PATCH', PATH, {}, CHANGE);
    expect([orders.status, orders.headers.get('retry-after')]).toEqual([429, '120, 60']);
    expect(codeOf(orders)).toBe('0x80072322');
    const workOrders = await call(sandbox, 'GET', workOrder('WO-12345'));
    expect([workOrders.status, workOrders.json.error]).toEqual([429, 'Too Many Requests']);
    expect(sandbox.orders.history(ID)).toHaveLength(1);
  });

  it('is unavailable with or without Retry-After', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'unavailable', times: 1 });
    sandbox.faults.add({ fault: 'unavailable', times: 1, retryAfter: '2' });
    const answers = [await call(sandbox, 'GET', PATH), await call(sandbox, 'GET', PATH)];
    expect(answers.map(a => [a.status, a.headers.get('retry-after')])).toEqual([
      [503, null],
      [503, '2'],
    ]);
  });

  it('resets the connection without committing', async () => {
    const sandbox = await start({ faults: [{ fault: 'reset', on: 'write', times: 1 }] });
    const failure: unknown = await call(sandbox, 'PATCH', PATH, {}, CHANGE).catch(
      (e: unknown) => e,
    );
    expect((failure as Error).cause).toMatchObject({ code: 'ECONNRESET' });
    expect(sandbox.orders.history(ID)).toHaveLength(1);
    expect(sandbox.orders.requests(ID)).toMatchObject([{ method: 'PATCH', answered: false }]);
  });

  it('shows a login page, redirects, or answers 401 once', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'login-page', times: 1 });
    sandbox.faults.add({ fault: 'redirect', status: 307, location: '/elsewhere', times: 1 });
    sandbox.faults.add({ fault: 'unauthorized', times: 1 });
    const login = await call(sandbox, 'PATCH', PATH, {}, CHANGE);
    expect([login.status, login.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const redirect = await call(sandbox, 'PATCH', PATH, {}, CHANGE);
    expect([redirect.status, redirect.headers.get('location')]).toEqual([307, '/elsewhere']);
    expect((await call(sandbox, 'PATCH', PATH, {}, CHANGE)).status).toBe(401);
    expect(sandbox.orders.history(ID)).toHaveLength(1);
    expect((await call(sandbox, 'PATCH', PATH, {}, CHANGE)).status).toBe(204);
  });
});

describe('faults after the commit', () => {
  it('loses the answer of a write that is on the chain', async () => {
    const sandbox = await start({ faults: [{ fault: 'lost-response', on: 'write', times: 1 }] });
    await expect(call(sandbox, 'PATCH', PATH, {}, CHANGE)).rejects.toThrow();
    expect(sandbox.orders.history(ID).map(change => change.by)).toEqual(['seed', 'api']);
    expect(sandbox.orders.requests(ID)).toMatchObject([{ status: 204, answered: false }]);
  });

  it('waits for a write that commits', async () => {
    const sandbox = await start({ faults: [{ fault: 'lost-response', on: 'write', times: 1 }] });
    const stale = { 'if-match': 'W/"1"' };
    expect((await call(sandbox, 'PATCH', PATH, stale, CHANGE)).status).toBe(412);
    await expect(call(sandbox, 'PATCH', PATH, {}, CHANGE)).rejects.toThrow();
  });

  it('answers 500 although the write is on the chain', async () => {
    const sandbox = await start({ faults: [{ fault: 'error-after-commit', times: 1 }] });
    expect((await call(sandbox, 'PATCH', PATH, {}, CHANGE)).status).toBe(500);
    expect(sandbox.orders.get(ID)?.values).toMatchObject(CHANGE);
  });

  it('sends half a body', async () => {
    const sandbox = await start({ faults: [{ fault: 'truncated' }] });
    await expect(call(sandbox, 'GET', PATH)).rejects.toThrow();
    await expect(call(sandbox, 'PATCH', PATH, {}, CHANGE)).rejects.toThrow();
  });

  it('sends unreadable JSON, or more of it than anybody wants', async () => {
    const sandbox = await start({ faults: [{ fault: 'unreadable', on: 'write' }] });
    const write = await call(sandbox, 'PATCH', PATH, {}, CHANGE);
    expect([write.status, write.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('json'),
    ]);
    expect(() => JSON.parse(write.text) as unknown).toThrow();
    sandbox.faults.add({ fault: 'oversized', on: 'read', bytes: 100_000 });
    expect((await call(sandbox, 'GET', PATH)).text.length).toBeGreaterThan(100_000);
  });

  it('mangles the ETag header like a compressing proxy, so that it never matches', async () => {
    const sandbox = await start({ faults: [{ fault: 'mangled-etag' }] });
    const path = workOrder('WO-12345');
    const read = await call(sandbox, 'GET', path);
    expect(read.headers.get('etag')).toBe('"v7-gzip"');
    expect(read.json.version).toBe(7);
    const headers = { 'if-match': '"v7-gzip"' };
    expect((await call(sandbox, 'PATCH', path, headers, { notes: 'x' })).status).toBe(409);
    const dataverse = await call(sandbox, 'GET', PATH);
    expect(dataverse.json['@odata.etag']).toBe(sandbox.orders.get(ID)?.version);
    expect(dataverse.headers.get('etag')).toMatch(/-gzip"$/);
  });
});

describe('where and how often faults strike', () => {
  it('strikes the kind of request and the record that the rule names', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'unavailable', on: 'read', record: 'SO-2025-0001' });
    sandbox.faults.add({ fault: 'unavailable', on: 'write', record: 'WO-12345' });
    const statuses = [
      await call(sandbox, 'GET', order(ID.toUpperCase())),
      await call(sandbox, 'PATCH', PATH, {}, CHANGE),
      await call(sandbox, 'GET', order(orderId(2))),
      await call(sandbox, 'PATCH', workOrder('WO-12345'), {}, { notes: 'x' }),
    ].map(answer => answer.status);
    expect(statuses).toEqual([503, 204, 200, 503]);
    expect(sandbox.stats().faults).toEqual({ unavailable: 2 });
  });

  it('is a queue of one-shots, and empties when cleared', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'throttled', times: 1 });
    sandbox.faults.add({ fault: 'unavailable', times: 2 });
    const statuses = [];
    for (let i = 0; i < 2; i += 1) statuses.push((await call(sandbox, 'GET', PATH)).status);
    expect(sandbox.faults.list()).toEqual([{ fault: 'unavailable', times: 1 }]);
    sandbox.faults.clear();
    statuses.push((await call(sandbox, 'GET', PATH)).status);
    expect(statuses).toEqual([429, 503, 200]);
  });

  it('strikes at its rate, the same requests for the same seed', async () => {
    const rule: FaultRule = { fault: 'unavailable', rate: 0.3 };
    const runs: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const sandbox = await start({ faults: [rule] });
      const statuses = [];
      for (let i = 0; i < 200; i += 1) statuses.push((await call(sandbox, 'GET', PATH)).status);
      runs.push(statuses.join());
      const struck = statuses.filter(status => status === 503).length;
      // 60 expected, standard deviation 6.5.
      expect(Math.abs(struck - 60)).toBeLessThan(30);
    }
    expect(runs[1]).toBe(runs[0]);
  });

  it('delays the request before it is processed', async () => {
    const sandbox = await start({ faults: [{ fault: 'latency', ms: 40, jitterMs: 20 }] });
    const began = performance.now();
    const pending = call(sandbox, 'GET', PATH);
    expect((await pending).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(38);
  });

  it.each([
    [{ fault: 'nonsense' }, /fault: use one of/],
    [{ fault: 'reset', rate: 2 }, /rate/],
    [{ fault: 'reset', times: 0 }, /times/],
    [{ fault: 'latency' }, /ms/],
    [{ fault: 'redirect' }, /location/],
    [{ fault: 'oversized' }, /bytes/],
  ])('refuses the rule %j', async (rule, message) => {
    const sandbox = await start();
    expect(() => {
      sandbox.faults.add(rule as FaultRule);
    }).toThrow(message);
  });
});
