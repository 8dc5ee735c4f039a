import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createInProcessQueueStore } from '../../../../lib/coordination/queue/in-process-store';
import type { RecordQueue } from '../../../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import { systemTime } from '../../../../lib/retry/time';
import { fateOf } from './fate';

/** At the same time. */
const PUTS = 64;

/**
 * A process with a queue on that file. It puts `count` updates, each of a record of its own, the ones that it was not
 * told to have been put before (a line of the standard input each, then `go`), and hands them on meanwhile. Writes a line
 * for whatever it does: `put N`, `next N deliveries`, `ends N` (it settles it, and may have), `done N`; `idle` when nothing
 * is left.
 */
export async function work(path: string, count: number, leaseMs: number): Promise<void> {
  const known = new Set<number>();
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'go') break;
    known.add(Number(line));
  }
  const store = await createInProcessQueueStore({
    time: systemTime,
    journal: path,
    onTrouble: trouble => {
      if (trouble !== undefined && trouble.kind !== 'truncated') throw new Error(trouble.message);
    },
  });
  const queue = createRecordQueue(store, {
    mode: 'merge',
    limit: 1_000_000,
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
  await Promise.all([...puts, handOn(queue, () => putting.left > 0)]);
  say('idle');
}

async function putAll(queue: RecordQueue, wanted: number[]): Promise<void> {
  for (let n = wanted.pop(); n !== undefined; n = wanted.pop()) {
    const { state } = await queue.put({
      record: `http://mes/orders(${n})`,
      changes: { n },
      version: undefined,
      eventAt: undefined,
      dueAt: undefined,
      message: JSON.stringify({ n, payload: 'x'.repeat(100) }),
    });
    if (state === 'superseded') throw new Error('nothing is newer');
    say(`put ${n}`);
  }
}

async function handOn(queue: RecordQueue, isPutting: () => boolean): Promise<void> {
  for (;;) {
    const wasPutting = isPutting();
    const { taken } = await queue.take(50);
    await Promise.all(
      taken.map(async ({ ticket, update, deliveries }) => {
        const n = String(update.changes?.n);
        say(`next ${n} ${deliveries}`);
        if (!(await queue.beforeWrite(ticket, fateOf(n)))) return;
        say(`ends ${n}`);
        const { state } = await queue.settle(ticket, { kind: 'done', metConflict: false });
        if (state === 'done') say(`done ${n}`);
      }),
    );
    const { waiting, inFlight } = await queue.stats();
    if (!wasPutting && waiting + inFlight === 0) return;
    if (taken.length === 0) await new Promise(resolve => setTimeout(resolve, 1));
  }
}

/** Out at once: what was said is said when the process is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
