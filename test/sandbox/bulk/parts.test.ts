import { describe, expect, it } from 'vitest';
import { orderId } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { call, start } from '../client';
import type { Answered } from '../client';

const BATCH = '/api/data/v9.0/$batch';

function write(sandbox: Sandbox, n: number, group?: string): Record<string, unknown> {
  return {
    id: String(n),
    method: 'PATCH',
    url: `salesorders(${orderId(n)})`,
    headers: { 'if-match': sandbox.orders.get(orderId(n))?.version ?? '' },
    body: { description: 'mine' },
    ...(group === undefined ? {} : { atomicityGroup: group }),
  };
}

function send(sandbox: Sandbox, requests: unknown[], headers = {}): Promise<Answered> {
  return call(sandbox, 'POST', BATCH, headers, { requests });
}

function statuses(answer: Answered): number[] {
  return (answer.json.responses as { status: number }[]).map(({ status }) => status);
}

const ALL = [1, 2, 3, 4, 5];

describe('parts of a batch', () => {
  it('meet other people, between the read of a list and the write', async () => {
    const sandbox = await start({ load: { noise: 0.3, target: 0.1 }, orders: 200 });
    const numbers = Array.from({ length: 200 }, (_, n) => n + 1);
    const answer = await send(
      sandbox,
      numbers.map(n => write(sandbox, n)),
    );
    const lost = statuses(answer).filter(status => status === 412).length;
    const { background, operator } = sandbox.stats().changes;
    expect(lost).toBe(background + operator);
    // 80 expected, standard deviation 7.
    expect(Math.abs(lost - 80)).toBeLessThan(35);
  });

  it('meet them as single writes do, the same ones', async () => {
    const runs = [];
    for (const isBatch of [true, false]) {
      const sandbox = await start({ load: { noise: 0.4, target: 0.1 }, seed: 3 });
      const requests = ALL.map(n => write(sandbox, n));
      if (isBatch) await send(sandbox, requests);
      else {
        for (const { url, headers, body } of requests) {
          const path = `/api/data/v9.0/${String(url)}`;
          await call(sandbox, 'PATCH', path, headers as Record<string, string>, body);
        }
      }
      runs.push(ALL.map(n => sandbox.orders.history(orderId(n)).map(({ by }) => by)));
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it('in a group that fails leave what the others did', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    const answer = await send(sandbox, [write(sandbox, 1, 'g'), write(sandbox, 2, 'g')]);
    expect(statuses(answer)).toEqual([412, 424]);
    expect(sandbox.orders.history(orderId(1)).map(({ by }) => by)).toEqual(['seed', 'background']);
  });

  it('in a group keep the others away from what it has written', async () => {
    const sandbox = await start();
    const again = {
      id: 'again',
      method: 'PATCH',
      url: '$1',
      atomicityGroup: 'g',
      body: { name: 'n' },
    };
    const first = { ...write(sandbox, 1, 'g'), headers: { 'if-match': '*' } };
    sandbox.setLoad({ noise: 1, target: 0 });
    const answer = await send(sandbox, [first, again]);
    expect(statuses(answer)).toEqual([204, 204]);
    expect(sandbox.orders.history(orderId(1)).map(({ by }) => by)).toEqual([
      'seed',
      'background',
      'api',
      'api',
    ]);
  });

  it('in a group that fails leave nothing of several writes of one record', async () => {
    const sandbox = await start();
    const before = sandbox.orders.get(orderId(1));
    const requests = [
      write(sandbox, 1, 'g'),
      { id: 'again', method: 'PATCH', url: '$1', atomicityGroup: 'g', body: { name: 'n' } },
      { ...write(sandbox, 2, 'g'), headers: { 'if-match': 'W/"1"' } },
    ];
    expect(statuses(await send(sandbox, requests))).toEqual([424, 424, 412]);
    expect(sandbox.orders.get(orderId(1))).toEqual(before);
  });

  it('are counted apart, and logged with what they were told', async () => {
    const sandbox = await start();
    const requests = [
      write(sandbox, 1, 'g'),
      { ...write(sandbox, 2, 'g'), headers: { 'if-match': 'W/"1"' } },
    ];
    await send(sandbox, [...requests, write(sandbox, 3)]);
    expect(sandbox.stats()).toMatchObject({
      requests: { POST: 1 },
      statuses: { 200: 1 },
      parts: { PATCH: 3 },
      partStatuses: { 204: 1, 412: 1, 424: 1 },
      maxInFlight: 1,
    });
    expect(sandbox.orders.requests(orderId(1))).toMatchObject([
      { method: 'PATCH', status: 424, answered: true, part: true, fields: { description: 'mine' } },
    ]);
  });

  it('need the token of the envelope, and take none of their own', async () => {
    const sandbox = await start({ auth: {} });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body =
      'grant_type=client_credentials&client_id=practice-client&client_secret=practice-secret';
    const token = await call(sandbox, 'POST', '/oauth2/v2.0/token', form, body);
    const authorization = `Bearer ${String(token.json.access_token)}`;
    const own = { ...write(sandbox, 1), headers: { 'if-match': '*', authorization } };
    expect((await send(sandbox, [own])).status).toBe(401);
    expect(statuses(await send(sandbox, [write(sandbox, 1)], { authorization }))).toEqual([204]);
  });
});

describe('faults in a batch', () => {
  it('without a record strike the batch as the write that it is', async () => {
    const sandbox = await start({ faults: [{ fault: 'throttled', on: 'write', times: 1 }] });
    const requests = [write(sandbox, 1)];
    const throttled = await send(sandbox, requests);
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '1']);
    expect(statuses(await send(sandbox, requests))).toEqual([204]);
  });

  it('for batches leave single requests alone', async () => {
    const sandbox = await start({ faults: [{ fault: 'unavailable', on: 'batch' }] });
    const path = `/api/data/v9.0/salesorders(${orderId(1)})`;
    expect((await call(sandbox, 'PATCH', path, {}, { name: 'x' })).status).toBe(204);
    expect((await send(sandbox, [write(sandbox, 1)])).status).toBe(503);
  });

  it('for parts strike some of them', async () => {
    const sandbox = await start({ faults: [{ fault: 'throttled', on: 'part', times: 2 }] });
    const answer = await send(
      sandbox,
      ALL.map(n => write(sandbox, n)),
    );
    expect([answer.status, statuses(answer)]).toEqual([200, [429, 429, 204, 204, 204]]);
    expect(answer.json.responses).toMatchObject([
      { headers: { 'retry-after': '1' } },
      {},
      {},
      {},
      {},
    ]);
  });

  it('for a record strike its part', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'error-after-commit', record: 'SO-2025-0002', on: 'write' });
    const answer = await send(
      sandbox,
      ALL.map(n => write(sandbox, n)),
    );
    expect(statuses(answer)).toEqual([204, 500, 204, 204, 204]);
    expect(sandbox.orders.get(orderId(2))?.values.description).toBe('mine');
  });

  it('that lose the answer lose all of it, after everything was done', async () => {
    for (const fault of [{ on: 'batch' as const }, { record: orderId(3) }]) {
      const sandbox = await start({ faults: [{ fault: 'lost-response', ...fault }] });
      await expect(
        send(
          sandbox,
          ALL.map(n => write(sandbox, n)),
        ),
      ).rejects.toThrow();
      expect(sandbox.stats().changes.api).toBe(5);
      expect(sandbox.orders.requests(orderId(5))).toMatchObject([{ status: 204, answered: false }]);
    }
  });

  it('that cut the connection end the batch there, and a group as a whole', async () => {
    for (const [group, applied] of [
      [undefined, 2],
      ['g', 0],
    ] as const) {
      const sandbox = await start({ faults: [{ fault: 'reset', record: orderId(3) }] });
      await expect(
        send(
          sandbox,
          ALL.map(n => write(sandbox, n, group)),
        ),
      ).rejects.toThrow();
      expect(sandbox.stats().changes.api).toBe(applied);
    }
  });

  it('cut it where the connection is reset, also when the answer was to be lost', async () => {
    const sandbox = await start({ faults: [{ fault: 'lost-response', record: orderId(1) }] });
    sandbox.faults.add({ fault: 'reset', record: orderId(3) });
    const requests = ALL.map(n => write(sandbox, n));
    await expect(send(sandbox, requests)).rejects.toThrow();
    expect(sandbox.stats().changes.api).toBe(2);
  });

  it('truncate the answer of a batch', async () => {
    const sandbox = await start({ faults: [{ fault: 'truncated', on: 'write', times: 1 }] });
    await expect(send(sandbox, [write(sandbox, 1)])).rejects.toThrow();
    expect(sandbox.orders.get(orderId(1))?.values.description).toBe('mine');
  });

  it('delay requests as they come in, not each of their parts', async () => {
    const sandbox = await start({
      faults: [{ fault: 'latency', ms: 10 }],
      bulk: { executionMs: 1 },
    });
    expect(
      (
        await send(
          sandbox,
          ALL.map(n => write(sandbox, n)),
        )
      ).status,
    ).toBe(200);
    expect(sandbox.stats().faults).toEqual({ latency: 1 });
  });

  it('do nothing more once the sandbox is closed', async () => {
    const sandbox = await start({ faults: [{ fault: 'latency', on: 'part', ms: 60_000 }] });
    const sent = send(sandbox, [write(sandbox, 1)]);
    const ended = expect(sent).rejects.toThrow();
    while (sandbox.stats().maxInFlight === 0) await new Promise(setImmediate);
    await sandbox.close();
    await ended;
    expect(sandbox.stats().changes.api).toBe(0);
  });
});
