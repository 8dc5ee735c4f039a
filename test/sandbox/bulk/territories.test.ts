import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox';
import { call, start } from '../client';
import type { Answered } from '../client';

const LIST = '/territory-api/v1/assignments';
const BULK = `${LIST}/bulk`;
const MISMATCH = 'ETag mismatch - resource modified';
const KEY = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };

function etag(sandbox: Sandbox, id: string): string {
  return sandbox.territories.get(id)?.version ?? '';
}

function item(sandbox: Sandbox, id: string, version = etag(sandbox, id)): Record<string, unknown> {
  return { id, etag: version, salesRepId: 'EMP-7' };
}

function send(
  sandbox: Sandbox,
  assignments: unknown,
  headers: Record<string, string> = {},
  query = '',
): Promise<Answered> {
  return call(sandbox, 'POST', BULK + query, headers, { assignments });
}

function reps(sandbox: Sandbox, ids: readonly string[]): unknown[] {
  return ids.map(id => sandbox.territories.get(id)?.values.salesRepId);
}

describe('the bulk endpoint of territory assignments', () => {
  it('answers each assignment on its own', async () => {
    const sandbox = await start();
    const answer = await send(sandbox, [
      item(sandbox, 'T001'),
      item(sandbox, 'T002', '"old"'),
      item(sandbox, 'T9', '"x"'),
      { id: 'T003', salesRepId: 'EMP-7' },
      { ...item(sandbox, 'T004'), nope: 1 },
      { ...item(sandbox, 'T005'), etag: 7 },
    ]);
    expect(answer.status).toBe(207);
    expect(answer.json).toEqual({
      results: [
        { id: 'T001', status: 200, etag: etag(sandbox, 'T001') },
        { id: 'T002', status: 409, error: MISMATCH },
        { id: 'T9', status: 404, error: 'Assignment not found' },
        { id: 'T003', status: 428, error: expect.stringContaining('Precondition required') },
        { id: 'T004', status: 400, error: "Unknown field 'nope'." },
        { id: 'T005', status: 400, error: expect.stringContaining('one ETag') },
      ],
    });
    expect(reps(sandbox, ['T001', 'T002', 'T003'])).toEqual(['EMP-7', 'EMP-102', 'EMP-103']);
  });

  it('takes the versions in a header, but not two different ones for an assignment', async () => {
    const sandbox = await start();
    const versions = { T001: etag(sandbox, 'T001'), T002: '"old"', T003: '"other"' };
    const headers = { 'X-ETags': JSON.stringify(versions) };
    const items = [{ id: 'T001', notes: 'x' }, { id: 'T002', notes: 'x' }, item(sandbox, 'T003')];
    const { json } = await send(sandbox, items, headers);
    expect((json.results as { status: number }[]).map(({ status }) => status)).toEqual([
      200, 409, 400,
    ]);
    for (const sent of ['not json', '["a"]', '7']) {
      expect((await send(sandbox, items, { 'X-ETags': sent })).status).toBe(400);
    }
  });

  it('changes all or none in a transaction', async () => {
    const sandbox = await start();
    const good = [item(sandbox, 'T001'), item(sandbox, 'T002')];
    const bad = await send(
      sandbox,
      [...good, item(sandbox, 'T003', '"old"')],
      {},
      '?transaction=true',
    );
    expect([bad.status, bad.json]).toEqual([409, { error: MISMATCH }]);
    expect(reps(sandbox, ['T001', 'T002'])).toEqual(['EMP-101', 'EMP-102']);
    expect(sandbox.stats().changes.api).toBe(0);
    const gone = await send(
      sandbox,
      [...good, item(sandbox, 'T9', '"x"')],
      {},
      '?transaction=true',
    );
    expect([gone.status, gone.json]).toEqual([404, { error: 'Assignment not found' }]);
    const missing = await send(sandbox, [...good, { id: 'T003' }], {}, '?transaction=true');
    expect(missing.status).toBe(428);
    const whole = await send(sandbox, good, {}, '?transaction=true');
    expect([whole.status, whole.json]).toEqual([
      207,
      { results: ['T001', 'T002'].map(id => ({ id, status: 200, etag: etag(sandbox, id) })) },
    ]);
  });

  it('meets other people in between', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    const { json } = await send(sandbox, [item(sandbox, 'T001'), item(sandbox, 'T002')]);
    expect(json.results).toMatchObject([{ status: 409 }, { status: 409 }]);
    expect(sandbox.territories.history('T001').map(({ by }) => by)).toEqual(['seed', 'background']);
    expect(sandbox.stats()).toMatchObject({ requests: { POST: 1 }, parts: { PATCH: 2 } });
  });

  it('does not see the cache of the reads', async () => {
    const sandbox = await start({ staleReads: 3 });
    const list = `${LIST}?ids=T001,T002&fields=id,etag`;
    await call(sandbox, 'GET', list);
    sandbox.territories.touch('T001', { notes: 'theirs' });
    const { json, headers } = await call(sandbox, 'GET', list);
    expect(headers.get('x-cache-status')).toBe('HIT');
    const items = (json.assignments as Record<string, unknown>[]).map(read => ({
      ...read,
      notes: 'x',
    }));
    expect((await send(sandbox, items)).json.results).toMatchObject([
      { status: 409 },
      { status: 200 },
    ]);
  });

  it.each([
    ['no object', '7'],
    ['no list', { assignments: {} }],
    ['an item that is none', { assignments: [7] }],
    ['an item without id', { assignments: [{ etag: '"a"' }] }],
    ['one id twice', { assignments: [{ id: 'T001' }, { id: 'T002' }, { id: 'T001' }] }],
  ])('refuses %s', async (_, body) => {
    const sandbox = await start();
    const answer = await call(sandbox, 'POST', BULK, {}, body);
    expect([answer.status, typeof answer.json.error]).toEqual([400, 'string']);
    expect(sandbox.stats().changes.api).toBe(0);
  });

  it('answers 413 to too many, 405 and 415 to what is no such request', async () => {
    const sandbox = await start();
    const items = Array.from({ length: 201 }, (_, n) => ({ id: `N${String(n)}`, etag: '"a"' }));
    expect((await send(sandbox, items)).status).toBe(413);
    expect((await send(sandbox, items.slice(1))).status).toBe(207);
    sandbox.setBulk({ maxItems: 199 });
    expect((await send(sandbox, items.slice(1))).status).toBe(413);
    expect((await call(sandbox, 'GET', BULK)).status).toBe(405);
    const text = { 'content-type': 'text/plain' };
    expect((await call(sandbox, 'POST', BULK, text, { assignments: [] })).status).toBe(415);
    expect((await send(sandbox, [])).json).toEqual({ results: [] });
  });

  it('replays the answer to a repeated key, which a lost one left behind', async () => {
    const sandbox = await start({ faults: [{ fault: 'lost-response', on: 'batch', times: 1 }] });
    const items = [item(sandbox, 'T001'), item(sandbox, 'T002', '"old"')];
    await expect(send(sandbox, items, KEY)).rejects.toThrow();
    const again = await send(sandbox, items, KEY);
    expect(again.json.results).toMatchObject([
      { id: 'T001', status: 200, etag: etag(sandbox, 'T001') },
      { id: 'T002', status: 409 },
    ]);
    expect(sandbox.territories.history('T001')).toHaveLength(2);
    expect(sandbox.stats()).toMatchObject({ replays: 1, parts: { PATCH: 2 } });
  });

  it('answers 422 to a key with another body, query or version, and replays refusals', async () => {
    const sandbox = await start();
    const items = [item(sandbox, 'T001', '"old"')];
    expect((await send(sandbox, items, KEY)).status).toBe(207);
    const others = [
      await send(sandbox, [item(sandbox, 'T001')], KEY),
      await send(sandbox, items, KEY, '?transaction=true'),
      await send(sandbox, items, { ...KEY, 'X-ETags': '{"T002":"x"}' }),
    ];
    expect(others.map(({ status }) => status)).toEqual([422, 422, 422]);
    const key = { 'idempotency-key': '"second"' };
    const bad = [await send(sandbox, {}, key), await send(sandbox, {}, key)];
    expect(bad.map(({ status }) => status)).toEqual([400, 400]);
    expect(sandbox.stats().replays).toBe(1);
    expect((await send(sandbox, items, { 'idempotency-key': 'bare' })).status).toBe(400);
  });

  it('tells a repetition that the first is in progress', async () => {
    const sandbox = await start({ faults: [{ fault: 'latency', on: 'part', ms: 60_000 }] });
    const items = [item(sandbox, 'T001')];
    const ended = expect(send(sandbox, items, KEY)).rejects.toThrow();
    while (sandbox.stats().maxInFlight === 0) await new Promise(setImmediate);
    const second = await send(sandbox, items, KEY);
    expect([second.status, second.json.title]).toEqual([
      409,
      'A request is outstanding for this Idempotency-Key',
    ]);
    await sandbox.close();
    await ended;
  });

  it('replays the end by time, too, with what was done before', async () => {
    const sandbox = await start({
      bulk: { executionMs: 15 },
      faults: [{ fault: 'latency', on: 'part', ms: 10 }],
    });
    const items = [item(sandbox, 'T001'), item(sandbox, 'T002')];
    const answers = [await send(sandbox, items, KEY), await send(sandbox, items, KEY)];
    expect(answers.map(({ status }) => status)).toEqual([429, 429]);
    expect(reps(sandbox, ['T001', 'T002'])).toEqual(['EMP-7', 'EMP-102']);
    expect(sandbox.stats().replays).toBe(1);
  });
});

describe('the list of territory assignments', () => {
  it('comes in pages where it is long', async () => {
    const sandbox = await start({ bulk: { pageSize: 2 } });
    let next: unknown = `${LIST}?ids=T001,T002,T9,T003,T004,T005&fields=id`;
    const pages = [];
    while (typeof next === 'string') {
      const { json } = await call(sandbox, 'GET', next);
      pages.push((json.assignments as { id: string }[]).map(({ id }) => id));
      ({ next } = json);
    }
    expect(pages).toEqual([['T001', 'T002'], ['T003', 'T004'], ['T005']]);
    expect((await call(sandbox, 'GET', `${LIST}?offset=x`)).status).toBe(400);
    expect((await call(sandbox, 'GET', `${LIST}?ids=T001,T002`)).json).not.toHaveProperty('next');
  });

  it('answers 414 to an address that is too long', async () => {
    const sandbox = await start();
    const ids = Array.from({ length: 2000 }, (_, n) => `T${String(n).padStart(3, '0')}`).join(',');
    const answer = await call(sandbox, 'GET', `${LIST}?ids=${ids}`);
    expect([answer.status, answer.json.error]).toEqual([414, 'URI too long']);
    sandbox.setBulk({ maxAddress: 20_000 });
    expect((await call(sandbox, 'GET', `${LIST}?ids=${ids}`)).json.assignments).toHaveLength(5);
    sandbox.setBulk({ maxAddress: 10 });
    expect((await call(sandbox, 'GET', '/couch/work-centers')).status).toBe(414);
  });
});
