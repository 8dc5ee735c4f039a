import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RecordQueue, Taken, TicketEnding } from '../../../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import { StoreUnavailable } from '../../../../lib/coordination/redis/faults';
import { endingOf } from '../../../../nodes/update-queue/ending';
import { ApiClient } from '../stress/api-client';
import { openStores, type StorePlace } from '../stress/open-stores';
import { fateOf } from './fate';

export interface WorkerPlan {
  readonly store: StorePlace;
  /** Where increments are written to. */
  readonly api: string;
  readonly count: number;
  readonly leaseMs: number;
}

const DONE: TicketEnding = { kind: 'done', metConflict: false };

/** At the same time. */
const PUTS = 64;

/** Every so many is an increment, of one of a few records. */
export const EVERY = 10;
const COUNTS = 200;

/**
 * A process with a queue on that store. It puts `count` updates, each of a record of its own but for the increments, the
 * ones that it was not told to have been tried before (a line of the standard input each, then `go`), and hands them on
 * meanwhile. Writes a line for whatever it does: `tries N` and then `put N`, `next N deliveries`, `ends N` (it settles it,
 * and may have), `done N`, `back N` (it is to be tried again), `doubts N` (nobody can tell whether it was added); `idle`
 * when nothing is left.
 */
export async function work({ store: place, api, count, leaseMs }: WorkerPlan): Promise<void> {
  const known = new Set<number>();
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'go') break;
    known.add(Number(line));
  }
  const stores = await openStores(place);
  const client = new ApiClient(api);
  const queue = createRecordQueue(await stores.queue('killed'), {
    mode: 'merge',
    limit: 1_000_000,
    largestBytes: 10_000,
    whenFull: 'refuse',
    tries: 1000,
    dispatch: { parallel: 50, leaseMs, batch: undefined },
    batches: 'always',
    hold: { rates: undefined, hours: undefined, shortestMs: 1, longestMs: 1 },
  });
  const wanted = Array.from({ length: count }, (_, n) => n).filter(n => !known.has(n));
  const putting = { left: PUTS };
  const puts = Array.from({ length: PUTS }, async () => {
    await putAll(queue, wanted);
    putting.left--;
  });
  await Promise.all([...puts, handOn(queue, client, () => putting.left > 0)]);
  say('idle');
}

async function putAll(queue: RecordQueue, wanted: number[]): Promise<void> {
  for (let n = wanted.pop(); n !== undefined; n = wanted.pop()) {
    say(`tries ${n}`);
    const result = await unlessAway(
      queue.put({
        record: n % EVERY === 0 ? `count-${n % COUNTS}` : `http://mes/orders(${n})`,
        changes: n % EVERY === 0 ? undefined : { n },
        version: undefined,
        eventAt: undefined,
        dueAt: undefined,
        message: JSON.stringify({ n, payload: 'x'.repeat(100) }),
      }),
    );
    // It may have been accepted, as when this process is killed now.
    if (result === undefined) continue;
    if (result.state === 'superseded') throw new Error('nothing is newer');
    say(`put ${n}`);
  }
}

async function handOn(queue: RecordQueue, api: ApiClient, isPutting: () => boolean): Promise<void> {
  for (;;) {
    const wasPutting = isPutting();
    const { taken } = await patiently(() => queue.take(50));
    await Promise.all(
      taken.map(async one => {
        const { n } = JSON.parse(one.update.message) as { n: number };
        say(`next ${n} ${one.deliveries}`);
        const ending = await written(queue, api, one, n);
        if (ending === undefined) return;
        say(`ends ${n}`);
        if (ending.kind === 'given-up') say(`doubts ${n}`);
        const id = randomUUID();
        const { state } = await patiently(() => queue.settle(one.ticket, ending, id));
        if (state === 'queued') say(`back ${n}`);
        if (state === 'done') say(`done ${n}`);
      }),
    );
    const { waiting, inFlight } = await patiently(() => queue.stats());
    if (!wasPutting && waiting + inFlight === 0) return;
    if (taken.length === 0) await new Promise(resolve => setTimeout(resolve, 1));
  }
}

/** Undefined: it is not to be settled by us. */
async function written(
  queue: RecordQueue,
  api: ApiClient,
  { ticket, update, fate }: Taken,
  n: number,
): Promise<TicketEnding | undefined> {
  if (update.changes !== undefined) {
    return (await unlessAway(queue.beforeWrite(ticket, fateOf(String(n))))) ? DONE : undefined;
  }
  const result = await api.update(queue, ticket, update, { n, fate });
  const decision = endingOf({ result, caught: undefined });
  return decision.kind === 'settle' ? decision.ending : undefined;
}

/** Undefined: the store did not answer, as on a computer that is busy. */
async function unlessAway<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreUnavailable) return undefined;
    throw error;
  }
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await unlessAway(ask());
    if (answer !== undefined) return answer;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Out at once: what was said is said when the process is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
