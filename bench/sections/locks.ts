import { setTimeout as sleep } from 'node:timers/promises';
import { inProcess, onRedis, semaphore, twoRoundTrips, type Locker } from '../drivers/lockers';
import { keepInFlight } from '../support/in-flight';
import type { Redis } from '../support/redis';
import { median, pairedRatio, rounded } from '../support/statistics';
import type { CoordinationPlan } from './plan';

/** One record, one writer: how much the lock costs. */
export interface LockFigures {
  /** 32 that wait for one lock, 5 ms of work each: time, to the same work one after the other. */
  readonly handOverRatio: number;
  /** Of 1: everybody had it equally often. */
  readonly jain: number;
  /** Time of redis-semaphore for the same, to ours. */
  readonly speedRatioToSemaphore: number;
  /** Locks and unlocks at 64 keys, to pairs of plain commands. */
  readonly rateRatioToRoundTrips: number;
  /** Locks and unlocks of one process, without a store. */
  readonly inProcessPerSecond: number;
}

const WAITERS = 32;
const WORK_MS = 5;
const KEYS = 64;

export async function measureLocks(
  redis: Redis,
  { rounds, measureMs }: CoordinationPlan,
): Promise<LockFigures> {
  // Half of them in another instance.
  const ours = [await onRedis(redis), await onRedis(redis)];
  const theirs = [semaphore(redis), semaphore(redis)];
  const raw = twoRoundTrips(redis);
  const alone = inProcess();
  const ms = { ideal: [] as number[], ours: [] as number[], theirs: [] as number[] };
  const rates = { ours: [] as number[], raw: [] as number[], alone: [] as number[] };
  const fair: number[] = [];
  try {
    for (let n = 0; n < rounds; n += 1) {
      ms.ideal.push(await timeOf(oneAfterTheOther));
      ms.ours.push(await timeOf(() => queued(ours, `hot-${n}`)));
      ms.theirs.push(await timeOf(() => queued(theirs, `theirs-${n}`)));
      fair.push(await fairness(ours, `fair-${n}`));
      rates.ours.push(await rateOf(ours[0], measureMs));
      rates.raw.push(await rateOf(raw, measureMs));
      rates.alone.push(await rateOf(alone, measureMs));
    }
  } finally {
    await Promise.all([...ours, ...theirs, raw, alone].map(locker => locker.close()));
  }
  return {
    handOverRatio: rounded(pairedRatio(ms.ours, ms.ideal)),
    jain: rounded(median(fair)),
    speedRatioToSemaphore: rounded(pairedRatio(ms.theirs, ms.ours), 2),
    rateRatioToRoundTrips: rounded(pairedRatio(rates.ours, rates.raw)),
    inProcessPerSecond: Math.round(median(rates.alone)),
  };
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

const work = (): Promise<void> => sleep(WORK_MS);

async function oneAfterTheOther(): Promise<void> {
  for (let n = 0; n < WAITERS; n += 1) await work();
}

/** Everybody comes at once. */
async function queued(lockers: readonly Locker[], key: string): Promise<void> {
  await Promise.all(Array.from({ length: WAITERS }, (_, n) => pick(lockers, n).run(key, work)));
}

function pick(lockers: readonly Locker[], n: number): Locker {
  const locker = lockers[n % lockers.length];
  if (locker === undefined) throw new Error('no locker');
  return locker;
}

/** Jain's index of how often each had the lock, while everybody wants it again and again. */
async function fairness(lockers: readonly Locker[], key: string): Promise<number> {
  const turns = Array.from({ length: WAITERS }, () => 0);
  let left = WAITERS * 8;
  await Promise.all(
    turns.map(async (_, n) => {
      const locker = pick(lockers, n);
      while (left > 0) {
        await locker.run(key, () => {
          if (left-- > 0) turns[n] = (turns[n] ?? 0) + 1;
          return Promise.resolve();
        });
      }
    }),
  );
  const sum = turns.reduce((all, count) => all + count, 0);
  const squares = turns.reduce((all, count) => all + count * count, 0);
  return (sum * sum) / (WAITERS * squares);
}

/** Locks and unlocks a second, one at a time at each of the keys. */
async function rateOf(locker: Locker | undefined, ms: number): Promise<number> {
  const startedAt = performance.now();
  const done = await keepInFlight(
    KEYS,
    () => performance.now() - startedAt < ms,
    async n => {
      await locker?.run(`key-${n % KEYS}`, () => Promise.resolve());
    },
  );
  return (done / (performance.now() - startedAt)) * 1000;
}
