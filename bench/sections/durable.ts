import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../lib/coordination/journal/journal';
import { createInProcessQueueStore } from '../../lib/coordination/queue/in-process-store';
import { systemTime } from '../../lib/retry/time';
import { queueOver, updateOf } from '../drivers/queues';
import { keepInFlight } from '../support/in-flight';
import { median, pairedRatio, rounded } from '../support/statistics';
import type { CoordinationPlan } from './plan';

/** The update queue of one process, with its file, to appending as much to such a file. */
export interface DurableFigures {
  /** Updates a second that it takes in, by how many are in flight, to entries appended. */
  readonly putRatioToAppend: Readonly<Record<InFlight, number>>;
  readonly perSecond: Readonly<Record<'put' | 'append', Readonly<Record<InFlight, number>>>>;
}

const IN_FLIGHT = ['10', '64'] as const;
type InFlight = (typeof IN_FLIGHT)[number];

/** What is measured of each. */
type Rates = Readonly<Record<InFlight, number[]>>;

interface Writer {
  write(n: number): Promise<unknown>;
  close(): Promise<void>;
}

export async function measureDurable({
  rounds,
  measureMs,
}: CoordinationPlan): Promise<DurableFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'record-updates-bench-'));
  const put: Rates = { 10: [], 64: [] };
  const append: Rates = { 10: [], 64: [] };
  try {
    // The first round warms up.
    for (let n = 0; n <= rounds; n += 1) {
      for (const inFlight of IN_FLIGHT) {
        const path = join(folder, `${String(n)}-${inFlight}`);
        const puts = await rateOf(await queueIn(`${path}-queue`), Number(inFlight), measureMs / 2);
        const appends = await rateOf(await fileAt(`${path}-raw`), Number(inFlight), measureMs / 2);
        if (n === 0) continue;
        put[inFlight].push(puts);
        append[inFlight].push(appends);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const each = (figure: (inFlight: InFlight) => number): Record<InFlight, number> => ({
    10: figure('10'),
    64: figure('64'),
  });
  return {
    putRatioToAppend: each(inFlight => rounded(pairedRatio(put[inFlight], append[inFlight]))),
    perSecond: {
      put: each(inFlight => Math.round(median(put[inFlight]))),
      append: each(inFlight => Math.round(median(append[inFlight]))),
    },
  };
}

async function queueIn(path: string): Promise<Writer> {
  const store = await createInProcessQueueStore({ time: systemTime, journal: path, onTrouble });
  const queue = queueOver(store);
  return {
    write: async n => {
      const result = await queue.put(updateOf(n));
      if (result.state !== 'queued' || !result.durable) throw new Error('it was not stored');
    },
    close: () => queue.close(),
  };
}

/** The same updates as the queue gets, in entries of about the length of its own. */
async function fileAt(path: string): Promise<Writer> {
  const owner = {
    kind: 'bench',
    version: 1,
    replay: () => 'used' as const,
    living: () => [],
    // As of a queue: nothing that was appended is dispensable.
    count: () => appended,
  };
  let appended = 0;
  const journal = await openJournal({ path, owner, time: systemTime, onTrouble });
  return {
    write: n => {
      appended += 1;
      const { record, changes, message } = updateOf(n);
      const add = [[n, `${JSON.stringify({ changes })}\n${message}`, Date.now(), 0, 0]];
      const count = { accepted: 1 };
      return journal.append({ n, time: Date.now(), record, add, memoryMs: 86_400_000, count });
    },
    close: () => journal.close(),
  };
}

function onTrouble(trouble: { readonly message: string } | undefined): void {
  if (trouble !== undefined) throw new Error(trouble.message);
}

async function rateOf(writer: Writer, inFlight: number, ms: number): Promise<number> {
  const startedAt = performance.now();
  const goOn = (): boolean => performance.now() - startedAt < ms;
  const done = await keepInFlight(inFlight, goOn, async n => {
    await writer.write(n);
  });
  const rate = (done * 1000) / (performance.now() - startedAt);
  await writer.close();
  return rate;
}
