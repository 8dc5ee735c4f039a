import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReviewQuery } from '../../lib/review/desk';
import type { Review } from '../../lib/review/review';
import { createRedisDeadLetters } from '../../lib/review/store/redis-store';
import type { DeadLetterStore } from '../../lib/review/store/store';
import { redisProgram } from '../../scripts/lib/redis-server.mjs';
import { AT_ONCE, fillLetters, journalStore, openLetters } from '../support/dead-letters';
import { memoryInUse } from '../support/heap';
import { keepInFlight, upTo } from '../support/in-flight';
import { redis } from '../support/redis';
import { median, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** A list of dead letters, without network and browser: what Node-RED needs until an answer stands as JSON. */
export interface ReviewListFigures {
  readonly entries: number;
  /** What the node does with its list when it is deployed: from then on it is known. Milliseconds. */
  readonly startMs: number;
  /** The first page of the list. Milliseconds. */
  readonly firstPageMs: number;
  /** A search for a text in all entries. Milliseconds. */
  readonly searchMs: number;
  /** Heap and what objects hold outside of it, megabytes. */
  readonly memoryMb: number;
  /** 16 at once, each stored before its write would leave and when it is settled. */
  readonly replaysPerSecond: number;
}

/** The first page of the sidebar. */
const PAGE = 50;

const MOST_REPLAYS = 2_000;

/** In a journal. */
export async function measureReviewList(plan: Plan): Promise<ReviewListFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'record-updates-review-'));
  try {
    return await measure(() => journalStore(join(folder, 'letters.journal')), plan);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** On a Redis of its own with an append-only file; undefined: there is none on this machine. */
export async function measureReviewOnRedis(plan: Plan): Promise<ReviewListFigures | undefined> {
  if (redisProgram() === undefined) return undefined;
  const server = await redis('--appendonly', 'yes');
  try {
    const runner = await server.connect();
    const open = () => Promise.resolve(createRedisDeadLetters({ runner, name: 'letters' }));
    return await measure(open, plan);
  } finally {
    await server.stop();
  }
}

async function measure(
  open: () => Promise<DeadLetterStore>,
  { reviewEntries, rounds }: Plan,
): Promise<ReviewListFigures> {
  const filled = openLetters(await open(), reviewEntries);
  await fillLetters(filled, reviewEntries);
  await filled.close();
  const before = await memoryInUse();
  const { review, close } = openLetters(await open(), reviewEntries);
  const startMs = await timed(() => review.counts().then(() => undefined));
  const firstPageMs = await timed(() => page(review, {}));
  const searches: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const text = `order ${String(reviewEntries - round - 1)} `;
    searches.push(await timed(() => page(review, { text })));
  }
  const memoryMb = ((await memoryInUse()) - before) / 1_000_000;
  const replaysPerSecond = await replays(review, Math.min(reviewEntries, MOST_REPLAYS));
  await close();
  return {
    entries: reviewEntries,
    startMs: rounded(startMs, 1),
    firstPageMs: rounded(firstPageMs, 1),
    searchMs: rounded(median(searches), 1),
    memoryMb: rounded(memoryMb, 1),
    replaysPerSecond: rounded(replaysPerSecond, 0),
  };
}

/** As the route of the sidebar answers. */
async function page(review: Review, query: ReviewQuery): Promise<void> {
  const found = await review.list({ ...query, most: PAGE });
  const text = JSON.stringify(found);
  if (found.totalEntries === 0) throw new Error(`Nothing was found: ${text}`);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function replays(review: Review, count: number): Promise<number> {
  const ids: string[] = [];
  for (let skip = 0; ids.length < count; skip += 200) {
    const { records } = await review.list({ skip, most: 200 });
    ids.push(...records.flatMap(({ heads }) => heads.map(({ id }) => id)));
  }
  const startedAt = performance.now();
  await keepInFlight(AT_ONCE, upTo(count), async n => {
    const id = ids[n] ?? '';
    // What may have been written asks first; here nothing was.
    const answer = await review.act({ id, action: 'replay', by: 'bench', confirmed: true });
    if (answer.kind !== 'settled') throw new Error(`Not settled: ${JSON.stringify(answer)}`);
  });
  return (count * 1_000) / (performance.now() - startedAt);
}
