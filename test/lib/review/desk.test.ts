import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpdateResult } from '../../../lib/outcome/outcome';
import { setUnrefTimer, systemTime, type Time } from '../../../lib/retry/time';
import { idOf, type ArrivedUpdate } from '../../../lib/review/arrive';
import type { ReviewCounts } from '../../../lib/review/desk';
import { Review, type ReviewOptions, type ReviewSettings } from '../../../lib/review/review';
import { PLAIN_RULES } from '../../../lib/review/review-fields';
import type { RunReport } from '../../../lib/review/runner';
import { createInProcessDeadLetters } from '../../../lib/review/store/in-process-store';
import { createRedisDeadLetters } from '../../../lib/review/store/redis-store';
import type { DeadLetterStore } from '../../../lib/review/store/store';
import { openConnection } from '../../support/redis/open';
import { RedisServer } from '../../support/redis/server';

const DAY_MS = 86_400_000;

const SETTINGS: ReviewSettings = {
  entries: 100,
  bytes: 1_000_000,
  entryBytes: 16_000,
  keepSettledMs: 30 * DAY_MS,
  keepOpenMs: 180 * DAY_MS,
};

function update(n: number): ArrivedUpdate {
  return {
    record: { key: `R${n}`, url: `http://api/orders/R${n}`, type: 'orders' },
    source: { node: 'n1', type: 'conditional-update', name: '' },
    endpoint: undefined,
    outcome: 'unavailable',
    error: undefined,
    fields: [],
    seenAt: undefined,
    changes: { n },
    isComputed: false,
    isAction: false,
    evidence: {},
    attempts: 1,
    message: { n },
    changesAt: 'payload',
    leftOut: [],
    trace: {},
  };
}

const PENDING = { versionSent: '"1"', changesHash: 'h', seenUnmoved: false };

function result(outcome: UpdateResult['outcome']): UpdateResult {
  const nothing = { attempts: [], reads: 1, retries: 0, durationMs: 1, verified: true };
  return { outcome, key: 'R', ...nothing };
}

/** A wall clock that a test puts forward. */
class Clock {
  ahead = 0;
  readonly time: Time = { ...systemTime, now: () => Date.now() + this.ahead };
}

interface Made {
  readonly review: Review;
  readonly runs: string[];
  readonly expired: string[];
  readonly evicted: string[];
  /** Resolves with the first run. */
  readonly began: Promise<void>;
}

function desk(
  store: DeadLetterStore,
  more: Partial<ReviewOptions> = {},
  run: () => Promise<RunReport> = async () => {
    await systemTime.sleep(5);
    return { update: result('updated'), record: undefined };
  },
): Made {
  const runs: string[] = [];
  const expired: string[] = [];
  const evicted: string[] = [];
  let begin = (): void => undefined;
  const began = new Promise<void>(resolve => (begin = resolve));
  const review = new Review({
    store,
    settings: SETTINGS,
    time: systemTime,
    newToken: randomUUID,
    setTimer: callback => setUnrefTimer(callback, 5),
    onExpired: ({ message }) => expired.push(String(message.n)),
    onEvicted: ({ id }) => evicted.push(id),
    onActed: () => undefined,
    runner: {
      prepare: entry =>
        Promise.resolve({
          kind: 'prepared',
          rules: PLAIN_RULES,
          longestMs: 1_000,
          read: () => Promise.resolve({ kind: 'gone', code: 'NOT_FOUND', message: 'gone' }),
          run: () => {
            runs.push(entry.id);
            begin();
            return run();
          },
        }),
    },
    ...more,
  });
  return { review, runs, expired, evicted, began };
}

function deskContract(open: () => Promise<DeadLetterStore>): void {
  it('lets one of many act on an entry at the same moment, in whatever process', async () => {
    const store = await open();
    const [one, other] = [desk(store), desk(store)];
    const { entry } = await one.review.add(update(1));
    const acts = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? one : other).review.act({ id: entry.id, action: 'replay', by: `by ${n}` }),
    );
    const kinds = (await Promise.all(acts)).map(({ kind }) => kind);
    expect(kinds.filter(kind => kind === 'settled')).toHaveLength(1);
    expect(kinds.filter(kind => kind === 'refused')).toHaveLength(19);
    expect([...one.runs, ...other.runs]).toHaveLength(1);
  });

  it('shows in every desk what another one has done', async () => {
    const store = await open();
    const [one, other] = [desk(store).review, desk(store).review];
    const { entry } = await one.add(update(1));
    expect((await other.list({})).totalEntries).toBe(1);
    await one.act({ id: entry.id, action: 'discard', by: 'ann', reason: 'test' });
    expect((await other.list({})).totalEntries).toBe(0);
    expect(await other.counts()).toMatchObject({ open: 0, settled: 1 });
  });

  it('tells whoever comes while somebody works on an entry', async () => {
    const store = await open();
    const never = desk(store, {}, () => new Promise(() => undefined));
    const { review } = desk(store);
    const { entry } = await review.add(update(1));
    void never.review.act({ id: entry.id, action: 'replay', by: 'bob' });
    await never.began;
    const refused = await review.act({ id: entry.id, action: 'theirs', by: 'ann' });
    expect(refused).toMatchObject({ kind: 'refused', code: 'ENTRY_CLAIMED' });
    expect(refused.kind === 'refused' && refused.message).toContain('bob');
    const plan = await review.plan({ filter: {}, action: 'replay', by: 'ann', look: false });
    expect(plan).toMatchObject({ runs: 0, staying: { ENTRY_CLAIMED: 1 } });
    // Its update may come again meanwhile.
    expect((await review.add(update(1))).entry).toMatchObject({
      failures: 2,
      claim: { by: 'bob' },
    });
  });

  it('makes room by the oldest settled ones, and refuses when all are open', async () => {
    const store = await open();
    const made = desk(store, { settings: { ...SETTINGS, entries: 2 } });
    const first = await made.review.add(update(1));
    await made.review.add(update(2));
    await expect(made.review.add(update(3))).rejects.toMatchObject({ code: 'REVIEW_FULL' });
    expect(await made.review.counts()).toMatchObject({ open: 2, isFull: true });
    const { id } = first.entry;
    await made.review.act({ id, action: 'discard', by: 'ann', reason: 'test' });
    await made.review.add(update(3));
    expect(made.evicted).toEqual([id]);
    expect(await made.review.counts()).toMatchObject({ open: 2, settled: 0 });
  });

  it('has what is over go: settled entries, and open ones as expired', async () => {
    const clock = new Clock();
    const store = await open();
    const { review, expired } = desk(store, { time: clock.time });
    const { entry } = await review.add(update(1));
    await review.add(update(2));
    await review.act({ id: entry.id, action: 'discard', by: 'ann', reason: 'test' });
    clock.ahead = 31 * DAY_MS;
    await review.sweep();
    expect(await review.counts()).toMatchObject({ open: 1, settled: 0 });
    clock.ahead = 181 * DAY_MS;
    await review.sweep();
    expect(expired).toEqual(['2']);
    expect(await review.counts()).toMatchObject({ open: 0, settled: 1 });
    clock.ahead = 220 * DAY_MS;
    await review.sweep();
    expect(await review.counts()).toMatchObject({ open: 0, settled: 0, bytes: 0 });
  });

  it('tells of changes in numbers', async () => {
    const { review } = desk(await open());
    // What there is in the beginning is told as well.
    const told = new Promise<ReviewCounts>(resolve => {
      review.onChange(counts => {
        if (counts.open > 0) resolve(counts);
      });
    });
    await review.add(update(1));
    const counts = await told;
    expect(counts).toMatchObject({ open: 1, byOutcome: { unavailable: 1 } });
    expect(JSON.stringify(counts)).not.toContain('R1');
  });

  it('tells of what another desk on the store has done', async () => {
    const store = await open();
    const [one, other] = [desk(store).review, desk(store).review];
    const told: ReviewCounts[] = [];
    const isOver = new Promise<void>(resolve => {
      const stop = other.onChange(counts => {
        told.push(counts);
        if (counts.settled < 1) return;
        stop();
        resolve();
      });
    });
    const { entry } = await one.add(update(1));
    while ((told.at(-1)?.open ?? 0) < 1) await systemTime.sleep(1);
    await one.act({ id: entry.id, action: 'theirs', by: 'ann' });
    await isOver;
    expect(told.at(-1)).toMatchObject({ open: 0, settled: 1 });
    // Nothing has changed, so nothing is told.
    expect(told.length).toBeLessThanOrEqual(3);
  });

  it('counts the records that somebody has to compare, each once', async () => {
    const { review } = desk(await open());
    const inDoubt = { ...update(1), outcome: 'uncertain' } as const;
    await review.add(inDoubt);
    await review.add({ ...inDoubt, changes: { n: 2 } });
    await review.add({ ...update(3), outcome: 'conflict', evidence: { pending: PENDING } });
    await review.add(update(4));
    expect(await review.counts()).toMatchObject({ open: 4, toReconcile: 2 });
    const { totalEntries, choices } = await review.list({ mayBeWritten: true });
    expect([totalEntries, choices.mayBeWritten]).toEqual([3, 3]);
    // Somebody is at it.
    const never = desk(await open(), {}, () => new Promise(() => undefined)).review;
    await never.add(inDoubt);
    void never.act({ id: idOf(inDoubt), action: 'ours', by: 'ann' });
    while ((await never.counts()).toReconcile > 0) await systemTime.sleep(1);
  });

  it('stops a bulk act between two entries, and runs none twice', async () => {
    const made = desk(await open());
    for (let n = 0; n < 10; n++) await made.review.add(update(n));
    const wish = { filter: {}, action: 'replay', by: 'ann', perSecond: 100, look: false } as const;
    const plan = await made.review.plan({ ...wish, perSecond: 1 });
    expect(plan).toMatchObject({ matching: 10, runs: 10 });
    made.review.start(plan.id);
    expect(() => made.review.start(plan.id)).toThrow('no such plan');
    const second = await made.review.plan(wish);
    expect(() => made.review.start(second.id)).toThrow('under way');
    await made.began;
    made.review.stop();
    await made.review.idle();
    while (made.review.progress()?.state === 'running') await systemTime.sleep(1);
    const progress = made.review.progress();
    expect(progress?.state).toBe('stopped');
    expect(progress?.settled).toBe(made.runs.length);
    expect(made.runs.length).toBeLessThan(10);
    expect((await made.review.counts()).open).toBe(10 - made.runs.length);
    made.review.start(second.id);
    while (made.review.progress()?.state === 'running') await systemTime.sleep(1);
    expect(new Set(made.runs).size).toBe(made.runs.length);
    expect(made.runs).toHaveLength(10);
  });

  it.each([
    ['hello', 'hello'],
    ['[]', '{"id":'],
    ['[{"state":"open"},""]', ''],
    ['[null,"x"]', 'null'],
  ])('lists one of which is stored %s, and says so of what nobody can read', async (head, text) => {
    const store = await open();
    const { review } = desk(store);
    await review.add(update(1));
    const { entry } = await review.add(update(2));
    const { revision } = await store.get(entry.id);
    await store.put({ id: entry.id, revision, text, head, limits: undefined });
    const page = await review.list({ state: 'open' });
    expect(page.totalEntries).toBe(2);
    const heads = page.records.flatMap(({ heads: some }) => some);
    expect(heads.find(({ id }) => id === entry.id)).toMatchObject({
      code: 'ENTRY_DAMAGED',
      mayBeWritten: true,
    });
    const found = await review.list({ text: 'damaged' });
    expect(found.totalEntries).toBe(1);
    await expect(review.get(entry.id)).rejects.toMatchObject({ code: 'ENTRY_DAMAGED' });
    // Others go on; the same update once more is told as well.
    await expect(review.add(update(2))).rejects.toMatchObject({ code: 'ENTRY_DAMAGED' });
    await review.add(update(3));
    expect((await review.list({})).totalEntries).toBe(3);
  });

  it('one that cannot be read stays when its time is over, and holds up none', async () => {
    const store = await open();
    const clock = new Clock();
    const { review, expired } = desk(store, { time: clock.time });
    const { entry } = await review.add(update(1));
    await review.add(update(2));
    const { revision } = await store.get(entry.id);
    const { heads } = await store.heads(undefined, 10);
    const head = heads.find(({ id }) => id === entry.id)?.head ?? '';
    await store.put({ id: entry.id, revision, text: '{"id":', head, limits: undefined });
    clock.ahead = SETTINGS.keepOpenMs + DAY_MS;
    await review.sweep();
    expect(expired).toEqual(['2']);
    expect((await store.get(entry.id)).text).toBe('{"id":');
  });

  it('plans without those whose record is gone', async () => {
    const { review } = desk(await open());
    await review.add(update(1));
    const plan = await review.plan({ filter: {}, action: 'replay', by: 'ann' });
    expect(plan).toMatchObject({ matching: 1, runs: 0, gone: 1, staying: { RECORD_GONE: 1 } });
  });
}

describe('a desk over a store of this process', () => {
  deskContract(() =>
    createInProcessDeadLetters({
      time: systemTime,
      onTrouble: trouble => {
        expect(trouble).toBeUndefined();
      },
    }),
  );
});

describe('a desk over Redis', () => {
  let server: RedisServer;
  let lists = 0;

  beforeAll(async () => {
    server = await RedisServer.start('--appendonly', 'yes');
  });
  afterAll(() => server.end());

  deskContract(async () =>
    createRedisDeadLetters({
      runner: await openConnection(server.settings()),
      name: `desk-${lists++}`,
    }),
  );
});
