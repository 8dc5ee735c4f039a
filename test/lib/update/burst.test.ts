import { describe, expect, test, vi } from 'vitest';
import type { Lease } from '../../../lib/coordination/lock';
import type { AcquireTurn } from '../../../lib/update/context';
import { PATIENCE_MS } from '../../../scripts/lib/patience.mjs';
import { Burst } from '../../support/burst';

interface Case {
  readonly rows: number;
  readonly latencyMs: number;
  readonly parallel: number;
  readonly deadlineMs: number;
}

const SAP_CX = { parallel: 5, deadlineMs: 120_000 };

test.each<[string, Case]>([
  [
    'case U2: 300 at 500 ms, 5 at a time, 20 s each',
    { rows: 300, latencyMs: 500, parallel: 5, deadlineMs: 20_000 },
  ],
  ['case U3: 1,000 at 650 ms with the preset of SAP CX', { rows: 1000, latencyMs: 650, ...SAP_CX }],
  [
    'case U4: 5,000 at 300 ms with the defaults',
    { rows: 5000, latencyMs: 300, parallel: 50, deadlineMs: 30_000 },
  ],
  ['case U5: 500 at 650 ms with the preset of SAP CX', { rows: 500, latencyMs: 650, ...SAP_CX }],
])('%s: all are written, each a round trip after its read', async (_name, given) => {
  const { rows, latencyMs, parallel, deadlineMs } = given;
  const policy = { deadlineMs };
  const burst = await new Burst({ parallel, maxWaiting: 10_000, policy }).start();
  const results = Array.from({ length: rows }, (_, n) => burst.update(String(n)));
  burst.keepAnswering(latencyMs);
  await Promise.all(results);
  expect(burst.outcomes).toEqual(Array(rows).fill('updated'));
  expect(burst.api.written).toHaveLength(rows);
  expect(burst.api.requests).toHaveLength(2 * rows);
  expect(burst.api.most).toBe(parallel);
  expect(Math.max(...burst.api.gaps)).toBe(latencyMs);
  const leastMs = (rows * 2 * latencyMs) / parallel;
  expect(burst.time.monotonic()).toBeLessThanOrEqual(1.05 * leastMs);
});

/** One request at a time, so that their order tells who goes before whom. */
const ONE = { parallel: 1 };

/** Answers the oldest request, once one is there. */
async function answerNext({ api }: Burst): Promise<void> {
  await vi.waitUntil(() => api.open.length > 0, PATIENCE);
  api.open.shift()?.answer();
}

const PATIENCE = { timeout: PATIENCE_MS, interval: 1 };

function orderOf({ api }: Burst): string[] {
  return api.requests.map(({ method, key }) => `${method} ${key}`);
}

describe('an update that has begun', () => {
  test('holds no place while it sleeps, and goes before those that have not begun', async () => {
    const burst = await new Burst(ONE).start();
    let isFirst = true;
    burst.api.disturb = ({ method }) => {
      if (method !== 'PATCH' || !isFirst) return undefined;
      isFirst = false;
      return { status: 429 };
    };
    const all = ['a', 'b', 'c'].map(key => burst.update(key));
    await answerNext(burst);
    await answerNext(burst);
    await vi.waitUntil(() => burst.time.sleeping === 1, PATIENCE);
    await vi.waitUntil(() => orderOf(burst).includes('GET b'), PATIENCE);
    burst.time.advance(5_000);
    burst.keepAnswering(0);
    await Promise.all(all);
    const [a, b, c] = [['PATCH a'], ['GET b', 'PATCH b'], ['GET c', 'PATCH c']];
    expect(orderOf(burst)).toEqual(['GET a', 'PATCH a', ...b, ...a, ...c]);
  });

  test('holds no place while a read is not sent again yet', async () => {
    const burst = await new Burst({ ...ONE, retryWaitMs: 20 }).start();
    let isFirst = true;
    burst.api.disturb = () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return { status: 503 };
    };
    const all = ['a', 'b'].map(key => burst.update(key));
    burst.keepAnswering(0);
    await Promise.all(all);
    expect(orderOf(burst).slice(0, 2)).toEqual(['GET a', 'GET b']);
    expect(burst.outcomes).toEqual(['updated', 'updated']);
  });

  test('holds no place while the API throttles', async () => {
    const burst = await new Burst({ parallel: 2 }).start();
    const [first, other] = ['a', 'b'].map(key => burst.update(key));
    await vi.waitUntil(() => burst.api.open.length === 2, PATIENCE);
    burst.admission.gate.hold(10_000);
    burst.api.answerAll();
    await vi.waitUntil(() => burst.time.sleeping === 2, PATIENCE);
    const places = [1, 2, 3].map(() => burst.admission.places.tryEnter());
    expect(places).toEqual([true, true, false]);
    burst.admission.places.leave();
    burst.admission.places.leave();
    burst.time.advance(10_000);
    burst.keepAnswering(0);
    await Promise.all([first, other]);
    expect(burst.outcomes).toEqual(['updated', 'updated']);
  });

  test('holds no place while others have the record', async () => {
    const burst = await new Burst(ONE).start();
    const lease = { granted: true, release: () => Promise.resolve(true) } as unknown as Lease;
    let grant = (_lease: Lease): void => undefined;
    const turn: AcquireTurn = (_waitMs, _signal, onWait) => {
      onWait();
      return new Promise<Lease>(resolve => (grant = resolve));
    };
    const held = burst.update('a', { context: { turn } });
    const other = burst.update('b');
    await answerNext(burst);
    grant(lease);
    burst.keepAnswering(0);
    await Promise.all([held, other]);
    expect(orderOf(burst)).toEqual(['GET b', 'PATCH b', 'GET a', 'PATCH a']);
  });

  test('begins again in front, when a wired loop sends it round', async () => {
    const burst = await new Burst(ONE).start();
    burst.api.disturb = ({ method }) => (method === 'PATCH' ? { status: 504 } : undefined);
    const mode = 'once' as const;
    burst.keepAnswering(0);
    const { result } = await burst.update('a', { mode });
    expect(result).toMatchObject({ outcome: 'retry', pending: { versionSent: '"v1"' } });
    burst.stopAnswering();
    burst.api.disturb = () => undefined;
    const before = orderOf(burst).length;
    const all = ['b', 'c'].map(key => burst.update(key));
    all.push(burst.update('a', { mode, base: result.base, pending: result.pending }));
    burst.keepAnswering(0);
    await Promise.all(all);
    const keys = burst.api.requests.slice(before).map(({ key }) => key);
    expect([...new Set(keys)]).toEqual(['b', 'a', 'c']);
  });
});

describe('an update that waits for its first place', () => {
  test('has all its time when it begins, and says how long it waited', async () => {
    const burst = await new Burst({ ...ONE, policy: { deadlineMs: 5_000 } }).start();
    const all = ['a', 'b', 'c', 'd', 'e'].map(key => burst.update(key));
    burst.keepAnswering(2_000);
    const results = (await Promise.all(all)).map(({ result }) => result);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('updated'));
    expect(results.map(({ queuedMs }) => queuedMs)).toEqual([
      undefined,
      4_000,
      8_000,
      12_000,
      16_000,
    ]);
    expect(results.map(({ durationMs }) => durationMs)).toEqual([
      4_000, 8_000, 12_000, 16_000, 20_000,
    ]);
  });

  test('is served in turn with those of other nodes', async () => {
    const burst = await new Burst(ONE).start();
    const [other, third] = [{}, {}].map(node => ({ line: burst.lineOf(node) }));
    const all = ['a1', 'a2', 'a3'].map(key => burst.fetch(key));
    all.push(...['b1', 'b2'].map(key => burst.fetch(key, other)));
    all.push(burst.fetch('c1', third));
    burst.keepAnswering(0);
    await Promise.all(all);
    expect(burst.api.requests.map(({ key }) => key)).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  test('waits while the API throttles, however long that is', async () => {
    const burst = await new Burst(ONE).start();
    burst.api.disturb = ({ key }) =>
      key === 'a' ? { status: 429, headers: { 'retry-after': '3000' } } : undefined;
    const [throttled, waiting] = ['a', 'b'].map(key => burst.update(key));
    burst.keepAnswering(0);
    const ended = await throttled;
    expect(ended?.result).toMatchObject({ outcome: 'exhausted' });
    expect(ended?.result.notBefore).toBeDefined();
    await vi.waitUntil(() => burst.time.sleeping === 1, PATIENCE);
    const late = burst.update('c');
    expect(burst.phases.at(-1)).toBe('throttled');
    burst.time.advance(2_999_000);
    expect(burst.api.requests).toHaveLength(1);
    burst.time.advance(1_000);
    await Promise.all([waiting, late]);
    expect(burst.outcomes).toEqual(['exhausted', 'updated', 'updated']);
  });

  test('is turned away when too many wait, before anything is sent', async () => {
    const burst = await new Burst({ ...ONE, maxWaiting: 2 }).start();
    const all = ['a', 'b', 'c'].map(key => burst.update(key));
    for (const refused of [burst.update('d'), burst.fetch('e')]) {
      await expect(refused).rejects.toMatchObject({ name: 'InputError', code: 'QUEUE_FULL' });
      await expect(refused).rejects.toThrow('2 updates wait');
      await expect(refused).rejects.toThrow('"Waiting updates" in the endpoint');
    }
    burst.keepAnswering(0);
    await Promise.all(all);
    expect(burst.outcomes).toEqual(['updated', 'updated', 'updated']);
    await burst.update('d');
  });

  test.each(['stop', 'close'] as const)('ends at once with %s, and is never sent', async how => {
    const burst = await new Burst(ONE).start();
    const begun = burst.update('a');
    const waiting = [burst.update('b'), burst.fetch('c')];
    await vi.waitUntil(() => burst.api.open.length === 1, PATIENCE);
    if (how === 'close') burst.close();
    else burst.stop.abort();
    for (const update of waiting) {
      await expect(update).rejects.toMatchObject({ name: 'StopError', code: 'STOPPED' });
    }
    await expect(burst.update('late')).rejects.toMatchObject({ code: 'STOPPED' });
    burst.keepAnswering(0);
    await begun.catch(() => undefined);
    expect(burst.api.requests.every(({ key }) => key === 'a')).toBe(true);
    expect(burst.outcomes).toEqual(how === 'close' ? ['updated'] : []);
  });

  test('gives up where the endpoint limits the wait', async () => {
    const burst = await new Burst({ ...ONE, maxWaitMs: 30 }).start();
    const begun = burst.update('a');
    const waiting = burst.update('b');
    const looping = burst.update('c', { mode: 'once' });
    const reading = burst.fetch('d');
    const late = { outcome: 'exhausted', error: { code: 'QUEUE_TIMEOUT' }, attempts: [], reads: 0 };
    expect((await waiting).result).toMatchObject(late);
    expect((await looping).result).toMatchObject({ outcome: 'retry', cause: 'throttled' });
    expect(await reading).toMatchObject({ result: late });
    burst.admission.gate.hold(60_000);
    const held = (await burst.update('e')).result;
    expect(held).toMatchObject({ outcome: 'exhausted', error: { code: 'THROTTLED' } });
    expect(held.notBefore).toBeDefined();
    burst.time.advance(60_000);
    burst.keepAnswering(0);
    await begun;
  });
});

test('an API in trouble gets half as many at a time, and no row is lost', async () => {
  const burst = await new Burst({ parallel: 8 }).start();
  const all = Array.from({ length: 60 }, (_, n) => burst.update(String(n)));
  const arrived = (count: number) => vi.waitUntil(() => burst.api.open.length === count, PATIENCE);
  await arrived(8);
  burst.api.answerAll();
  await arrived(8);
  burst.api.disturb = () => ({ status: 429 });
  burst.api.answerAll();
  burst.api.disturb = () => undefined;
  await arrived(4);
  expect(burst.admission.limit.limit).toBe(4);
  burst.api.most = 0;
  burst.keepAnswering(1_000);
  await Promise.all(all);
  expect(burst.outcomes).toEqual(Array(60).fill('updated'));
  // Proper answers have raised it again meanwhile.
  expect(burst.api.most).toBe(8);
});

test('two endpoints with one credential share the lower limit', async () => {
  const burst = await new Burst({ parallel: 3 }).start();
  const other = burst.admission.lease({ parallel: 2 });
  const line = other.entrance.lineFor({});
  const all = ['a1', 'a2', 'a3'].map(key => burst.update(key));
  all.push(...['b1', 'b2'].map(key => burst.update(key, { context: { line } })));
  await vi.waitUntil(() => burst.api.open.length === 2, PATIENCE);
  other.release();
  await vi.waitUntil(() => burst.api.open.length === 3, PATIENCE);
  burst.keepAnswering(0);
  await Promise.all(all);
  expect(burst.api.most).toBe(3);
  expect(burst.outcomes).toHaveLength(5);
});
