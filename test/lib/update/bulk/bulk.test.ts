import { describe, expect, test } from 'vitest';
import { InputError, StopError } from '../../../../lib/errors';
import type { Fields } from '../../../../lib/record/fields';
import { BulkEngine, changesOf, type BulkEngineOptions } from '../../../support/bulk-engine';
import { CACHED } from '../../../support/engine-cache';
import { BulkRecords, bulkOf, idOf, type BulkStep } from '../../../support/bulk-records';

async function start(count: number, options: BulkEngineOptions = {}) {
  const api = await new BulkRecords().start(count);
  return { api, engine: new BulkEngine(api.url, options) };
}

function all(count: number, outcome: string): string[] {
  return Array<string>(count).fill(outcome);
}

/** The API gets to these records only. */
function proceedWith(api: BulkRecords, ids: ReadonlySet<string>, proceed: () => unknown): void {
  const rest = [...api.rows].filter(([id]) => !ids.has(id));
  for (const [id] of rest) api.rows.delete(id);
  proceed();
  for (const [id, row] of rest) api.rows.set(id, row);
}

describe('many records', () => {
  test('are read by lists and written in batches, each on the version of its own', async () => {
    const { api, engine } = await start(500);
    const { outcomes, summary } = await engine.run(engine.members(500));
    expect(outcomes).toEqual(all(500, 'updated'));
    expect(api.history).toHaveLength(500);
    expect(summary).toMatchObject({ records: 500, updated: 500, conflict: 0, retries: 0 });
    expect(api.requests.length).toBe(summary.calls);
    expect(summary.calls).toBeLessThanOrEqual(11);
    expect([...api.rows.values()].map(({ values }) => values.status)).toEqual(
      Array.from({ length: 500 }, (_, n) => `s${String(n)}`),
    );
  });

  test('that hold what is wanted are not written', async () => {
    const { api, engine } = await start(60);
    for (let n = 0; n < 30; n++) api.row(idOf(n)).values = { status: `s${String(n)}`, note: 'n0' };
    const { summary } = await engine.run(engine.members(60));
    expect(summary).toMatchObject({ updated: 30, unchanged: 30 });
    expect(api.history).toHaveLength(30);
  });

  test('with snapshots are written without a read', async () => {
    const { api, engine } = await start(40);
    const members = engine.members(40, n => {
      const { url } = engine.family.locate(api.url, 'orders', idOf(n));
      const values = { status: 'Open' };
      return { snapshot: { key: idOf(n), url, version: '"v1"', values, readAt: '' } };
    });
    const { summary } = await engine.run(members);
    expect(summary).toMatchObject({ updated: 40, calls: 1 });
  });

  test('that lose to noise go again, read by one list, and no other record with them', async () => {
    const { api, engine } = await start(100);
    const disturbed = new Set(Array.from({ length: 15 }, (_, n) => idOf(n * 6)));
    api.beforeWrite = id => {
      if (disturbed.delete(id)) api.change(id, { note: 'by others' });
    };
    const { summary } = await engine.run(engine.members(100));
    expect(summary).toMatchObject({ updated: 100, retries: 15 });
    expect(api.kinds).toEqual(['GET list', 'POST bulk', 'POST bulk', 'GET list', 'POST bulk']);
    expect(api.history.filter(({ by }) => by === 'us')).toHaveLength(100);
  });

  test('that a cache showed as they were before go again in batches as large as before', async () => {
    const { api, engine } = await start(400, { familyPart: CACHED });
    api.lists.push((_request, proceed) => {
      const reply = proceed();
      for (const id of api.rows.keys()) api.change(id, { note: 'a moment ago' });
      return { ...reply, headers: { ...reply.headers, 'X-Cache-Status': 'HIT' } };
    });
    const { summary } = await engine.run(engine.members(400));
    expect(summary).toMatchObject({ updated: 400, retries: 400 });
    expect(api.kinds.filter(kind => kind === 'POST bulk').length).toBeLessThanOrEqual(16);
  });

  test('in conflict leave, with base, ours and theirs', async () => {
    const { api, engine } = await start(10);
    api.beforeWrite = id => {
      if (id === idOf(3)) api.change(id, { status: 'Held' });
    };
    const { outcomes, outputs } = await engine.run(engine.members(10));
    expect(outcomes.filter(outcome => outcome === 'updated')).toHaveLength(9);
    expect(outputs[3]?.result).toMatchObject({
      outcome: 'conflict',
      conflict: { fields: [{ name: 'status', base: 'Open', ours: 's3', theirs: 'Held' }] },
    });
  });

  test('that are gone are not found after a read of their own, and never created', async () => {
    const { api, engine } = await start(10);
    api.rows.delete(idOf(4));
    const { outcomes } = await engine.run(engine.members(10));
    expect(outcomes[4]).toBe('not-found');
    expect(api.kinds).toContain('GET one');
    expect(api.rows.has(idOf(4))).toBe(false);
  });

  test('without a version in a list are read alone, and only they', async () => {
    const { api, engine } = await start(9);
    api.lists.push((_request, proceed) => {
      const reply = proceed();
      const { items } = reply.body as { items: { id: string; etag?: string }[] };
      const old = items.map(item => (item.id === idOf(4) ? { ...item, etag: undefined } : item));
      return { ...reply, body: { items: old } };
    });
    const { outcomes, notices } = await engine.run(engine.members(9));
    expect(outcomes).toEqual(all(9, 'updated'));
    expect(notices).toEqual([]);
    expect(api.kinds.filter(kind => kind === 'GET one')).toHaveLength(1);
  });

  test('on several pages of a list are all seen', async () => {
    const { api, engine } = await start(30);
    api.page = 7;
    const { summary } = await engine.run(engine.members(30));
    expect(summary.updated).toBe(30);
    expect(api.kinds.filter(kind => kind === 'GET list')).toHaveLength(5);
  });

  test('a list that is too long is asked for in parts', async () => {
    const { api, engine } = await start(40);
    api.lists.push(() => ({ status: 414, body: 'URI Too Long' }));
    const { summary } = await engine.run(engine.members(40));
    expect(summary.updated).toBe(40);
    expect(api.kinds.slice(0, 3)).toEqual(['GET list', 'GET list', 'GET list']);
  });

  test.each([400, 404, 405, 501])('a list refused with %i: each is read alone', async status => {
    const { api, engine } = await start(12);
    api.lists.push(() => ({ status, body: { error: 'no lists' } }));
    const { summary, notices } = await engine.run(engine.members(12));
    expect(summary.updated).toBe(12);
    expect(notices).toMatchObject([{ code: 'LIST_UNUSABLE' }]);
    expect(api.kinds.filter(kind => kind === 'GET one')).toHaveLength(12);
  });

  test('a field that the API does not know is the affair of the records that name it', async () => {
    const { api, engine } = await start(30);
    const knows = (request: { url: string }) => !request.url.includes('colour');
    for (let n = 0; n < 40; n++) {
      api.lists.push((request, proceed) =>
        knows(request) ? proceed() : { status: 400, body: { error: "no property 'colour'" } },
      );
    }
    for (let n = 0; n < 4; n++) {
      api.singles.push(() => ({ status: 400, body: { error: "no property 'colour'" } }));
    }
    const changes = (n: number) =>
      n === 3 || n === 4 ? { colour: 'red' } : { status: `s${String(n)}` };
    const { outcomes, notices } = await engine.run(
      engine.members(30, n => ({ changes: changes(n) })),
    );
    expect(outcomes).toEqual(all(30, 'updated').with(3, 'rejected').with(4, 'rejected'));
    expect(notices).toEqual([]);
    expect(api.kinds.filter(kind => kind === 'GET one')).toHaveLength(2);
  });

  test('a list without versions: each is read alone', async () => {
    const { api, engine } = await start(5, {
      familyPart: {},
      bulk: url => {
        const { reads, writes } = bulkOf(url);
        if (reads === undefined || writes === undefined) throw new Error('no dialect');
        return {
          writes,
          reads: {
            ...reads,
            pageOf: (answer, refs) => {
              const page = reads.pageOf(answer, refs);
              if (page === undefined) return undefined;
              const found = [...page.found].map(([place, { headers, ...rest }]) => {
                const others = Object.entries(headers).filter(([name]) => name !== 'etag');
                return [place, { ...rest, headers: Object.fromEntries(others) }] as const;
              });
              return { ...page, found: new Map(found) };
            },
          },
        };
      },
    });
    const { summary, notices } = await engine.run(engine.members(5));
    expect(summary.updated).toBe(5);
    expect(notices).toMatchObject([{ code: 'LIST_WITHOUT_VERSIONS' }]);
    expect(api.history).toHaveLength(5);
  });

  test('where nothing is known of lists and batches, each goes alone', async () => {
    const { api, engine } = await start(8, { bulk: () => ({}) });
    const { summary } = await engine.run(engine.members(8));
    expect(summary).toMatchObject({ updated: 8, calls: 16 });
    expect(new Set(api.kinds)).toEqual(new Set(['GET one', 'PATCH one']));
  });

  test('the API is down: every record is unavailable, none is lost', async () => {
    const { api, engine } = await start(20, { policy: { transientRetries: 1 } });
    const down = (): { status: number; body: unknown } => ({
      status: 503,
      body: { error: 'down' },
    });
    for (let n = 0; n < 50; n++) api.lists.push(down);
    const { outcomes } = await engine.run(engine.members(20));
    expect(outcomes).toEqual(all(20, 'unavailable'));
  });
});

describe('the answer to a batch', () => {
  test('lost before it arrived, or after: every member is settled, none twice', async () => {
    const { api, engine } = await start(60);
    api.batches.push(
      () => 'reset',
      (_request, proceed) => {
        proceed();
        return 'reset';
      },
    );
    const { summary } = await engine.run(engine.members(60));
    expect(summary.updated + summary['already-applied']).toBe(60);
    expect(summary['already-applied']).toBeGreaterThan(0);
    expect(api.history).toHaveLength(60);
  });

  test('that leaves members out leaves these in doubt', async () => {
    const { api, engine } = await start(10);
    api.batches.push((_request, proceed) => {
      const reply = proceed();
      const { results } = reply.body as { results: unknown[] };
      return { ...reply, body: { results: results.slice(4) } };
    });
    const { outcomes } = await engine.run(engine.members(10));
    expect(outcomes).toEqual([...all(4, 'already-applied'), ...all(6, 'updated')]);
    expect(api.history).toHaveLength(10);
  });

  test('that has not come to members costs these no attempt', async () => {
    const { api, engine } = await start(10);
    api.batches.push(() => ({
      status: 200,
      body: { results: Array.from({ length: 10 }, (_, n) => ({ id: idOf(n), status: 0 })) },
    }));
    const { outputs, summary } = await engine.run(engine.members(10));
    expect(summary).toMatchObject({ updated: 10, retries: 0 });
    expect(outputs.map(({ result }) => result.attempts.length)).toEqual(Array(10).fill(1));
  });

  test('that never comes to them ends these as unavailable, with nothing in doubt', async () => {
    const { api, engine } = await start(3, { policy: { transientRetries: 1 } });
    const never = { results: [0, 1, 2].map(n => ({ id: idOf(n), status: 0 })) };
    for (let n = 0; n < 60; n++) api.batches.push(() => ({ status: 200, body: never }));
    const { outcomes, outputs } = await engine.run(engine.members(3));
    expect(outcomes).toEqual(all(3, 'unavailable'));
    expect(outputs[0]?.result).toMatchObject({ attempts: [], error: { code: 'NEVER_RAN' } });
  });

  test.each([
    [
      'a web page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
    ],
    ['something else', { status: 200, body: { ok: true } }],
    ['nothing', { status: 204 }],
  ])('%s is no success', async (_name, reply) => {
    const { api, engine } = await start(4, { policy: { transientRetries: 1 } });
    for (let n = 0; n < 40; n++) api.batches.push(() => reply);
    const { outcomes } = await engine.run(engine.members(4));
    expect(outcomes).not.toContain('updated');
    expect(api.history).toHaveLength(0);
  });

  test('too large: smaller ones go, and nothing counts as tried', async () => {
    const { api, engine } = await start(50);
    api.batches.push(
      () => ({ status: 413, body: 'too large' }),
      () => ({ status: 413, body: 'too large' }),
    );
    const { summary } = await engine.run(engine.members(50));
    expect(summary).toMatchObject({ updated: 50, retries: 0 });
    const sizes = api.requests
      .filter(({ url }) => url === '/orders/bulk')
      .map(({ body }) => (JSON.parse(body) as { items: unknown[] }).items.length);
    expect(Math.max(...sizes.slice(2))).toBeLessThanOrEqual(25);
  });

  test('that is a web page is no success, and the batch does not go again', async () => {
    const { api, engine } = await start(20);
    const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in' };
    api.batches.push(() => page);
    const { outcomes } = await engine.run(engine.members(20));
    expect(outcomes).toEqual(all(20, 'denied'));
    expect(api.kinds.filter(kind => kind === 'POST bulk')).toHaveLength(1);
  });

  test('that takes too long: smaller ones go, and none twice', async () => {
    const { api, engine } = await start(40, { policy: { requestTimeoutMs: 1_000 } });
    let late = (): void => undefined;
    const answer = new Promise<'reset'>(resolve => {
      late = () => {
        resolve('reset');
      };
    });
    api.batches.push(() => answer);
    const { summary } = await engine.run(engine.members(40));
    late();
    expect(summary.updated).toBe(40);
    expect(api.history).toHaveLength(40);
    const sizes = api.requests
      .filter(({ url }) => url === '/orders/bulk')
      .map(({ body }) => (JSON.parse(body) as { items: unknown[] }).items.length);
    expect(sizes.slice(0, 2)).toEqual([40, 25]);
  });

  test.each<[string, BulkStep]>([
    ['429', () => ({ status: 429, body: {} })],
    ['503', () => ({ status: 503, body: { error: 'overloaded' } })],
    ['504', () => ({ status: 504, body: 'too slow' })],
    [
      '429 for one member',
      (_request, proceed) => {
        const reply = proceed();
        const { results } = reply.body as { results: unknown[] };
        const [, ...others] = results;
        return { ...reply, body: { results: [{ id: idOf(0), status: 429 }, ...others] } };
      },
    ],
  ])('that says %s: smaller ones go', async (_name, step) => {
    const { api, engine } = await start(90, { options: { parallel: 1, batchSize: 40 } });
    api.batches.push(step);
    await engine.run(engine.members(90));
    const sizes = api.requests
      .filter(({ url }) => url === '/orders/bulk')
      .map(({ body }) => (JSON.parse(body) as { items: unknown[] }).items.length);
    expect(sizes.slice(0, 2)).toEqual([40, 20]);
  });

  test('413 with a time to come again: it waits, and is as large then', async () => {
    const { api, engine } = await start(20);
    api.batches.push(() => ({ status: 413, headers: { 'Retry-After': '3' }, body: 'not now' }));
    const { summary } = await engine.run(engine.members(20));
    expect(summary.updated).toBe(20);
    expect(api.kinds.filter(kind => kind === 'POST bulk')).toHaveLength(2);
    expect(Math.max(...engine.clock.waits)).toBeGreaterThanOrEqual(3_000);
  });

  test.each([404, 405, 501])(
    '%i: the address takes no batches, each is written alone',
    async status => {
      const { api, engine } = await start(9);
      api.batches.push(() => ({ status, body: { error: 'no batches' } }));
      const { summary, notices } = await engine.run(engine.members(9));
      expect(summary.updated).toBe(9);
      expect(notices).toMatchObject([{ code: 'BATCH_UNUSABLE' }]);
      expect(api.kinds.filter(kind => kind === 'PATCH one')).toHaveLength(9);
    },
  );

  test('400 for one bad member: the others are written', async () => {
    const { api, engine } = await start(90);
    const refuse: BulkStep = ({ url, body }, proceed) =>
      `${url} ${body}`.includes(idOf(41)) && body !== ''
        ? { status: 400, body: { error: 'bad order' } }
        : proceed();
    for (let n = 0; n < 40; n++) {
      api.batches.push(refuse);
      api.singles.push(refuse);
    }
    const { outcomes, outputs } = await engine.run(engine.members(90));
    expect(outcomes.filter(outcome => outcome === 'updated')).toHaveLength(89);
    expect(outputs[41]?.result).toMatchObject({ outcome: 'rejected', attempts: [{ status: 400 }] });
  });

  test('409 for the whole: only those that moved are told, the others go again', async () => {
    const { api, engine } = await start(30);
    api.batches.push(() => {
      for (const n of [2, 5]) api.change(idOf(n), { note: 'by others' });
      return { status: 409, body: { error: 'ETag mismatch - resource modified' } };
    });
    const { summary, outputs } = await engine.run(engine.members(30));
    expect(summary).toMatchObject({ updated: 30, retries: 2 });
    expect(outputs[2]?.result.attempts).toHaveLength(2);
    expect(outputs[3]?.result.attempts).toHaveLength(1);
  });

  test('409 for the whole, after some were written: these are found in place, none twice', async () => {
    const { api, engine } = await start(30);
    const first = new Set([...api.rows.keys()].slice(0, 12));
    api.batches.push((_request, proceed) => {
      api.change(idOf(12), { note: 'by others' });
      proceedWith(api, first, proceed);
      return { status: 409, body: { error: 'ETag mismatch - resource modified' } };
    });
    const { outcomes } = await engine.run(engine.members(30));
    expect(outcomes).toEqual([...all(12, 'already-applied'), ...all(18, 'updated')]);
    expect(api.history.filter(({ by }) => by === 'us')).toHaveLength(30);
  });

  /** What the API answers with, what is changed, and how those end that it had written by then. */
  const REFUSED: readonly (readonly [number, Fields, string])[] = [
    [400, { status: 'Held' }, 'already-applied'],
    [422, { status: 'Held' }, 'already-applied'],
    [400, { stock: 6 }, 'uncertain'],
  ];

  test.each(REFUSED)(
    '%i for the whole, after some were written: no change is a conflict with itself, and none twice: %j',
    async (status, changes, end) => {
      const { api, engine } = await start(16);
      const members = engine.members(16, n => {
        const { url } = engine.family.locate(api.url, 'orders', idOf(n));
        const values = { stock: 5, status: 'Open' };
        return { changes, snapshot: { key: idOf(n), url, version: '"v1"', values, readAt: '' } };
      });
      const written = new Set(Array.from({ length: 8 }, (_, n) => idOf(n)));
      const refused = idOf(8);
      const step: BulkStep = (request, proceed) => {
        if (!`${request.url} ${request.body}`.includes(refused) || request.method === 'GET') {
          return proceed();
        }
        if (written.size > 0) proceedWith(api, written, proceed);
        written.clear();
        return { status, body: { error: 'bad order' } };
      };
      api.batches.push(...Array<BulkStep>(20).fill(step));
      api.singles.push(...Array<BulkStep>(20).fill(step));
      api.beforeWrite = id => {
        if (id === idOf(12) && api.rows.get(id)?.version === 1) api.change(id, { note: 'theirs' });
      };
      const { outcomes } = await engine.run(members);
      expect(outcomes).toEqual([...all(8, end), 'rejected', ...all(7, 'updated')]);
      const ours = api.history.filter(({ by }) => by === 'us').map(({ id }) => id);
      expect(new Set(ours).size).toBe(ours.length);
    },
  );

  test.each([
    [404, { status: 'Held' }, 'already-applied'],
    [405, { stock: 6 }, 'uncertain'],
    [413, { status: 'Held' }, 'already-applied'],
    [413, { stock: 6 }, 'uncertain'],
    [429, { status: 'Held' }, 'already-applied'],
    [429, { stock: 6 }, 'uncertain'],
    [503, { status: 'Held' }, 'already-applied'],
    [503, { stock: 6 }, 'uncertain'],
  ] as const)(
    '%i for the whole from in between, after some were written: told as our own: %j',
    async (status, changes, end) => {
      const { api, engine } = await start(16);
      const members = engine.members(16, n => {
        const { url } = engine.family.locate(api.url, 'orders', idOf(n));
        const values = { stock: 5, status: 'Open' };
        return { changes, snapshot: { key: idOf(n), url, version: '"v1"', values, readAt: '' } };
      });
      const written = new Set(Array.from({ length: 8 }, (_, n) => idOf(n)));
      api.batches.push((_request, proceed) => {
        proceedWith(api, written, proceed);
        return { status, body: { error: 'not here' } };
      });
      const { outcomes } = await engine.run(members);
      expect(outcomes).toEqual([...all(8, end), ...all(8, 'updated')]);
      const ours = api.history.filter(({ by }) => by === 'us').map(({ id }) => id);
      expect(new Set(ours).size).toBe(ours.length);
    },
  );

  test('batches of one grow again while that goes well', async () => {
    const { api, engine } = await start(40, { options: { batchSize: 1, parallel: 1 } });
    const { summary } = await engine.run(engine.members(40));
    expect(summary.updated).toBe(40);
    expect(api.kinds.filter(kind => kind === 'PATCH one')).toHaveLength(1);
    expect(api.kinds.filter(kind => kind === 'POST bulk').length).toBeLessThanOrEqual(3);
  });

  test('429: all wait, on one token of the budget, and go again', async () => {
    let tokens = 1;
    const budget = { take: () => tokens-- > 0, earn: () => undefined };
    const { api, engine } = await start(20, { context: { budget } });
    api.batches.push(() => ({ status: 429, headers: { 'Retry-After': '2' }, body: {} }));
    const { summary } = await engine.run(engine.members(20));
    expect(summary.updated).toBe(20);
    expect(tokens).toBe(0);
    expect(api.kinds.filter(kind => kind === 'POST bulk').length).toBeLessThanOrEqual(3);
  });
});

describe('a batch', () => {
  test('carries a key of its own, the same only for the same batch', async () => {
    let n = 0;
    const idempotency = { header: 'Idempotency-Key', newKey: () => `k${String(++n)}` };
    const { api, engine } = await start(20, { context: { idempotency } });
    api.batches.push(() => 'reset');
    await engine.run(engine.members(20));
    const batches = api.requests.filter(({ url }) => url === '/orders/bulk');
    const keys = batches.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^k\d+$/);
    expect(batches[1]?.body).toBe(batches[0]?.body);
    expect(keys[1]).toBe(keys[0]);
  });

  test('that is another one carries another key', async () => {
    let n = 0;
    const idempotency = { header: 'Idempotency-Key', newKey: () => `k${String(++n)}` };
    const { api, engine } = await start(120, { context: { idempotency } });
    const disturbed = new Set([idOf(3), idOf(4), idOf(60)]);
    api.beforeWrite = id => {
      if (disturbed.delete(id)) api.change(id, { note: 'by others' });
    };
    const { summary } = await engine.run(engine.members(120));
    expect(summary).toMatchObject({ updated: 120, retries: 3 });
    const batches = api.requests.filter(({ url }) => url === '/orders/bulk');
    const keys = batches.map(({ headers }) => headers['idempotency-key']);
    expect(batches.length).toBeGreaterThanOrEqual(3);
    expect(new Set(keys).size).toBe(new Set(batches.map(({ body }) => body)).size);
  });

  test('waits for the settle pause after the one before', async () => {
    const { engine } = await start(120, { options: { pauseMs: 2_000 } });
    await engine.run(engine.members(120));
    expect(engine.clock.waits.filter(ms => ms === 2_000).length).toBeGreaterThanOrEqual(1);
  });

  test('goes alone where others have to settle, also where it is all or nothing', async () => {
    const { api, engine } = await start(150, { options: { pauseMs: 2_000, parallel: 4 } });
    let underWay = 0;
    let most = 0;
    for (let n = 0; n < 20; n++) {
      api.batches.push(async (_request, proceed) => {
        most = Math.max(most, ++underWay);
        await new Promise(resolve => setImmediate(resolve));
        underWay--;
        return proceed();
      });
    }
    await engine.run(engine.members(150));
    expect(most).toBe(1);
    const group = await start(5, { options: { pauseMs: 2_000, atomic: true } });
    await group.engine.run(group.engine.members(5));
    expect(group.engine.clock.waits).toContain(2_000);
  });

  test('of records with different fields is read with all of these', async () => {
    const { api, engine } = await start(2);
    const part = [{ changes: { status: 'x' } }, { changes: { note: 'y' } }] as const;
    const { outcomes, summary } = await engine.run(engine.members(2, n => part[n] ?? {}));
    expect(outcomes).toEqual(all(2, 'updated'));
    expect(summary.calls).toBe(2);
    expect(api.requests[0]?.url).toMatch(/fields=(?=.*status)(?=.*note)/);
  });

  test('that waits for others uses up no time of its members', async () => {
    const { api, engine } = await start(400, {
      options: { pauseMs: 10_000 },
      policy: { deadlineMs: 5_000 },
    });
    // One that would have no time left for a second attempt.
    const disturbed = new Set([idOf(399)]);
    api.beforeWrite = id => {
      if (disturbed.delete(id)) api.change(id, { note: 'by others' });
    };
    const { outcomes, summary } = await engine.run(engine.members(400));
    expect(outcomes).toEqual(all(400, 'updated'));
    expect(summary.retries).toBe(1);
    expect(summary.durationMs).toBeGreaterThan(30_000);
  });

  test('no more go at a time than the endpoint allows', async () => {
    const { api, engine } = await start(300, { options: { parallel: 2 } });
    let underWay = 0;
    let most = 0;
    const slow = async (_request: unknown, proceed: () => { status: number }) => {
      most = Math.max(most, ++underWay);
      await new Promise(resolve => setImmediate(resolve));
      underWay -= 1;
      return proceed();
    };
    for (let n = 0; n < 50; n++) api.batches.push(slow);
    await engine.run(engine.members(300));
    expect(most).toBe(2);
  });

  test('takes no turn that others hold from those that are free', async () => {
    const { engine } = await start(10, {
      turnFor:
        ({ request: { ref } }) =>
        (_waitMs, _signal, onWait) => {
          if (ref.key !== idOf(4)) return Promise.resolve(lease);
          onWait();
          return Promise.resolve({ granted: false, reason: 'timeout', waitedMs: 10 });
        },
    });
    const { outcomes } = await engine.run(engine.members(10));
    expect(outcomes[4]).toBe('busy');
    expect(outcomes.filter(outcome => outcome === 'updated')).toHaveLength(9);
  });
});

const lease = {
  granted: true,
  key: '',
  token: '',
  fence: 1,
  expiresAt: 0,
  signal: new AbortController().signal,
  extend: () => Promise.resolve(true),
  release: () => Promise.resolve(true),
} as const;

describe('an item that is no update', () => {
  test('is rejected with its code, and the others go on', async () => {
    const { engine } = await start(5);
    const members = engine.members(5);
    const error = new InputError('CHANGES_INVALID', 'Changes name no field.');
    members[2] = { index: 2, key: 'R0002', error };
    const { outcomes, outputs } = await engine.run(members);
    expect(outcomes).toEqual(['updated', 'updated', 'rejected', 'updated', 'updated']);
    expect(outputs[2]?.result).toMatchObject({
      verified: false,
      key: 'R0002',
      error: { code: 'CHANGES_INVALID' },
    });
  });
});

describe('all or nothing', () => {
  const atomic = { options: { atomic: true } };

  test('goes as one, on the versions that were read', async () => {
    const { api, engine } = await start(20, atomic);
    const { outcomes, summary } = await engine.run(engine.members(20));
    expect(outcomes).toEqual(all(20, 'updated'));
    expect(summary.calls).toBe(2);
    expect(api.history).toHaveLength(20);
  });

  test('after noise the whole group goes again, and only the one that met it counts an attempt', async () => {
    const { api, engine } = await start(20, atomic);
    let left = 1;
    api.beforeWrite = id => {
      if (id === idOf(7) && left-- > 0) api.change(id, { note: 'by others' });
    };
    const { outcomes, outputs } = await engine.run(engine.members(20));
    expect(outcomes).toEqual(all(20, 'updated'));
    expect(outputs[7]?.result.attempts).toHaveLength(2);
    expect(outputs[8]?.result.attempts).toHaveLength(1);
  });

  test('after a conflict nothing is written, and everybody hears whose it was', async () => {
    const { api, engine } = await start(6, atomic);
    api.beforeWrite = id => {
      if (id === idOf(2)) api.change(id, { status: 'Held' });
    };
    const { outcomes, outputs } = await engine.run(engine.members(6));
    expect(outcomes).toEqual(all(6, 'rolled-back').with(2, 'conflict'));
    expect(outputs[0]?.result).toMatchObject({ attempts: [], error: { code: 'ROLLED_BACK' } });
    expect(outputs[0]?.result.error?.message).toContain('"R0002" ended as "conflict"');
    expect(api.history.filter(({ by }) => by === 'us')).toEqual([]);
  });

  test('with a record that is gone nothing is sent', async () => {
    const { api, engine } = await start(6, atomic);
    api.rows.delete(idOf(1));
    const { outcomes } = await engine.run(engine.members(6));
    expect(outcomes).toEqual(all(6, 'never-ran').with(1, 'not-found'));
    expect(api.kinds).not.toContain('POST bulk');
  });

  test('with an item that is no update nothing is sent', async () => {
    const { api, engine } = await start(3, atomic);
    const members = engine.members(3);
    members[1] = { index: 1, key: undefined, error: new InputError('KEY_INVALID', 'No key.') };
    const { outcomes } = await engine.run(members);
    expect(outcomes).toEqual(['never-ran', 'rejected', 'never-ran']);
    expect(api.kinds).not.toContain('POST bulk');
  });

  test('rolled back without a word on the cause: those that moved are told', async () => {
    const { api, engine } = await start(8, atomic);
    api.batches.push(() => {
      api.change(idOf(3), { note: 'by others' });
      return { status: 409, body: { error: 'ETag mismatch - resource modified' } };
    });
    const { outcomes, outputs } = await engine.run(engine.members(8));
    expect(outcomes).toEqual(all(8, 'updated'));
    expect(outputs[3]?.result.attempts).toHaveLength(2);
    expect(outputs[4]?.result.attempts).toHaveLength(1);
  });

  test('a lost answer leaves nothing twice', async () => {
    const { api, engine } = await start(8, atomic);
    api.batches.push((_request, proceed) => {
      proceed();
      return 'reset';
    });
    const { outcomes } = await engine.run(engine.members(8));
    expect(outcomes).toEqual(all(8, 'already-applied'));
    expect(api.history).toHaveLength(8);
  });

  test.each([404, 405, 501])('%i to the batch says nothing of its members', async status => {
    const { api, engine } = await start(3, atomic);
    const noProperBody = { kind: 'whole' } as const;
    api.batches.push(() => ({ status, body: '<html>not here' }));
    const { writes } = bulkOf(api.url);
    if (writes === undefined) throw new Error('no dialect');
    const whole = { ...bulkOf(api.url), writes: { ...writes, answersIn: () => noProperBody } };
    const other = new BulkEngine(api.url, { ...atomic, bulk: () => whole });
    const { outcomes, outputs } = await other.run(engine.members(3));
    expect(outcomes).toEqual(all(3, 'never-ran'));
    expect(outputs[0]?.result.error?.message).toContain(`HTTP ${String(status)}`);
    expect(api.history).toEqual([]);
  });

  test('is refused where the API has no such thing, before any request', async () => {
    const { api, engine } = await start(3, { ...atomic, bulk: () => ({}) });
    const run = engine.run(engine.members(3));
    await expect(run).rejects.toMatchObject({ code: 'GROUP_UNSUPPORTED' });
    expect(api.requests).toEqual([]);
  });

  test('is refused for more records than the API takes at once', async () => {
    const { api, engine } = await start(101, atomic);
    await expect(engine.run(engine.members(101))).rejects.toMatchObject({
      code: 'GROUP_TOO_LARGE',
    });
    expect(api.requests).toEqual([]);
  });
});

describe('a flow that stops', () => {
  test('before the batch left: STOPPED, and nothing was written', async () => {
    const { api, engine } = await start(10);
    api.lists.push((_request, proceed) => {
      engine.stop.abort(new Error('stop'));
      return proceed();
    });
    const run = engine.run(engine.members(10));
    await expect(run).rejects.toBeInstanceOf(StopError);
    await expect(run).rejects.toMatchObject({ code: 'STOPPED' });
    expect(api.history).toEqual([]);
  });

  test('while a batch is under way: UPDATE_UNCERTAIN names the records', async () => {
    const { api, engine } = await start(3);
    api.batches.push(async (_request, proceed): Promise<'reset'> => {
      proceed();
      engine.stop.abort(new Error('stop'));
      engine.kill.abort(new Error('kill'));
      await new Promise(resolve => setImmediate(resolve));
      return 'reset';
    });
    const run = engine.run(engine.members(3));
    await expect(run).rejects.toMatchObject({ code: 'UPDATE_UNCERTAIN' });
    await expect(run).rejects.toThrow('R0001');
  });
});

test('a batch sends only what a single update would', async () => {
  const { api, engine } = await start(2);
  await engine.run(engine.members(2));
  const [batch] = api.requests.filter(({ url }) => url === '/orders/bulk');
  expect(JSON.parse(batch?.body ?? '')).toEqual({
    atomic: false,
    items: [0, 1].map(n => ({ id: idOf(n), etag: '"v1"', changes: changesOf(n) })),
  });
});
