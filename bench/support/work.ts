import { orderId } from '../../sandbox/ids';
import type { Driver, JobEnding } from '../drivers/driver';
import { keepInFlight, upTo } from './in-flight';

/** What a client measured while it kept messages in flight. */
export interface Throughput {
  readonly updatesPerSecond: number;
  /** CPU time of the client process, all threads. */
  readonly cpuMicrosPerUpdate: number;
  /** Including those that finished after the measuring time, for counting requests. */
  readonly updates: number;
}

export interface ThroughputPlan {
  readonly inFlight: number;
  readonly ms: number;
  /** How many records the updates go round. More than in flight, so that none meet. */
  readonly records: number;
}

export interface CountPlan {
  readonly updates: number;
  readonly inFlight: number;
  readonly records: number;
  /** Each message brings the snapshot that the message before left with. Only with one record. */
  readonly carry: boolean;
}

export interface BurstPlan {
  /** One message each, all at the same time, each for a record of its own. */
  readonly rows: number;
}

export interface Burst {
  /** Rows that ended as `updated`. */
  readonly written: number;
  /** From the first message to the last end. */
  readonly ms: number;
}

/** Every update writes a value that the record never held. */
let written = 0;

/** Runs for a time; every update must end as `updated`. */
export async function measure(driver: Driver, plan: ThroughputPlan): Promise<Throughput> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + plan.ms;
  let finished = 0;
  let result: Omit<Throughput, 'updates'> | undefined;
  const conclude = (): void => {
    const { user, system } = process.cpuUsage(cpuBefore);
    result = {
      updatesPerSecond: (finished * 1000) / (performance.now() - startedAt),
      cpuMicrosPerUpdate: (user + system) / finished,
    };
  };
  const updates = await keepInFlight(
    plan.inFlight,
    () => result === undefined,
    async n => {
      await updateOnce(driver, orderId((n % plan.records) + 1));
      finished += 1;
      if (result === undefined && performance.now() >= endsAt) conclude();
    },
  );
  if (result === undefined) throw new Error('nothing was measured');
  return { ...result, updates };
}

/** Runs so many updates; every one must end as `updated`. */
export async function count(driver: Driver, plan: CountPlan): Promise<void> {
  let record: unknown;
  await keepInFlight(plan.inFlight, upTo(plan.updates), async n => {
    const key = orderId((n % plan.records) + 1);
    const ending = await updateOnce(driver, key, plan.carry ? record : undefined);
    record = ending.record;
  });
}

/** Sends all rows at once and waits for their ends, whatever they are. */
export async function burst(driver: Driver, { rows }: BurstPlan): Promise<Burst> {
  const startedAt = performance.now();
  const isWritten = (n: number): Promise<boolean> =>
    updateOnce(driver, orderId(n + 1)).then(
      () => true,
      () => false,
    );
  const ends = await Promise.all(Array.from({ length: rows }, (_, n) => isWritten(n)));
  return { written: ends.filter(end => end).length, ms: performance.now() - startedAt };
}

async function updateOnce(driver: Driver, key: string, record?: unknown): Promise<JobEnding> {
  written += 1;
  const changes = { description: `${process.pid}-${written}` };
  const ending = await driver.run({ key, changes, record });
  if (ending.outcome === 'updated') return ending;
  throw new Error(`an update ended as ${ending.outcome}`);
}
