import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpdateResult } from '../../../lib/outcome/outcome';
import { systemTime, type Time } from '../../../lib/retry/time';
import type { ArrivedUpdate } from '../../../lib/review/arrive';
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
    setTimer: callback => {
      const timer = setImmediate(callback);
      return () => {
        clearImmediate(timer);
      };
    },
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
    const told = new Promise<ReviewCounts>(resolve => {
      review.onChange(resolve);
    });
    await review.add(update(1));
    const counts = await told;
    expect(counts).toMatchObject({ open: 1, byOutcome: { unavailable: 1 } });
    expect(JSON.stringify(counts)).not.toContain('R1');
  });

  it('stops a bulk act between two entries, and runs none twice', async () => {
    const made = desk(await open());
    for (let n = 0; n < 10; n++) await made.review.add(update(n));
    const wish = { filter: {}, action: 'replay', by: 'ann', perSecond: 100, look: false } as const;
    const plan = await made.review.plan(wish);
    expect(plan).toMatchObject({ matching: 10, runs: 10 });
    made.review.start(plan.id);
    expect(() => made.review.start(plan.id)).toThrow('no such plan');
    const second = await made.review.plan(wish);
    expect(() => made.review.start(second.id)).toThrow('under way');
    await systemTime.sleep(30);
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
