import { randomUUID } from 'node:crypto';
import { createInProcessSeenEvents } from '../../lib/coordination/in-process-seen-events';
import { systemTime } from '../../lib/retry/time';
import { startClient } from '../support/client-process';
import { memoryInUse } from '../support/heap';
import { keepInFlight, upTo } from '../support/in-flight';
import { median } from '../support/statistics';
import type { Plan } from './plan';

/** (f) Events that are let through once. */
export interface DedupeFigures {
  /** Through two nodes that check and confirm, every id new, kept in the file. */
  readonly eventsPerSecond: number;
  /** Of memory, with as many ids remembered as the next figure says. */
  readonly bytesPerId: number;
  readonly ids: number;
}

const IN_FLIGHT = 64;
const DAY_MS = 86_400_000;

export async function measureDedupe(plan: Plan): Promise<DedupeFigures> {
  return {
    eventsPerSecond: await eventsPerSecond(plan),
    bytesPerId: await bytesPerId(plan.dedupeIds),
    ids: plan.dedupeIds,
  };
}

async function eventsPerSecond({ rounds, measureMs, warmUpMs }: Plan): Promise<number> {
  const client = await startClient({ variant: 'dedupe', url: '' });
  const measure = (ms: number) => client.measure({ inFlight: IN_FLIGHT, ms, records: 1 });
  try {
    await measure(warmUpMs);
    const figures: number[] = [];
    for (let n = 0; n < rounds; n += 1) figures.push((await measure(measureMs)).updatesPerSecond);
    return Math.round(median(figures));
  } finally {
    await client.close();
  }
}

async function bytesPerId(ids: number): Promise<number> {
  const before = await memoryInUse();
  const seen = await createInProcessSeenEvents({
    limit: ids,
    time: systemTime,
    onTrouble: trouble => console.error(trouble?.message ?? 'the trouble is over'),
  });
  await keepInFlight(IN_FLIGHT, upTo(ids), async () => {
    const result = await seen.check({ id: randomUUID(), windowMs: DAY_MS, claimMs: 60_000 });
    if (!result.first) throw new Error('a new event was taken for a duplicate');
    await seen.confirm(result.claim);
  });
  const after = await memoryInUse();
  await seen.close();
  return Math.round((after - before) / ids);
}
