import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UpdateResult } from '../../lib/outcome/outcome';
import { setUnrefTimer, systemTime } from '../../lib/retry/time';
import type { ArrivedUpdate } from '../../lib/review/arrive';
import type { ReviewQuery } from '../../lib/review/desk';
import { Review } from '../../lib/review/review';
import { PLAIN_RULES } from '../../lib/review/review-fields';
import type { PreparedReview } from '../../lib/review/runner';
import { createInProcessDeadLetters } from '../../lib/review/store/in-process-store';
import { memoryInUse } from '../support/heap';
import { keepInFlight, upTo } from '../support/in-flight';
import { median, rounded } from '../support/statistics';
import type { Plan } from './plan';

/**
 * A list of 10,000 dead letters in a journal, without network and browser: what Node-RED needs until the answer for the
 * sidebar stands as JSON.
 */
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

const DAY_MS = 86_400_000;
/** The first page of the sidebar. */
const PAGE = 50;
const AT_ONCE = 16;

export async function measureReviewList({
  reviewEntries,
  rounds,
}: Plan): Promise<ReviewListFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'record-updates-review-'));
  try {
    await fill(join(folder, 'letters.journal'), reviewEntries);
    const before = await memoryInUse();
    const { review, close } = await opened(join(folder, 'letters.journal'), reviewEntries);
    const startMs = await timed(() => review.counts().then(() => undefined));
    const firstPageMs = await timed(() => page(review, {}));
    const searches: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const text = `order ${String(reviewEntries - round - 1)} `;
      searches.push(await timed(() => page(review, { text })));
    }
    const memoryMb = ((await memoryInUse()) - before) / 1_000_000;
    const replaysPerSecond = await replays(review, Math.min(reviewEntries, 2_000));
    await close();
    return {
      entries: reviewEntries,
      startMs: rounded(startMs, 1),
      firstPageMs: rounded(firstPageMs, 1),
      searchMs: rounded(median(searches), 1),
      memoryMb: rounded(memoryMb, 1),
      replaysPerSecond: rounded(replaysPerSecond, 0),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function fill(journal: string, entries: number): Promise<void> {
  const { review, close } = await opened(journal, entries);
  await keepInFlight(AT_ONCE, upTo(entries), async n => {
    await review.add(update(n));
  });
  await close();
}

async function opened(
  journal: string,
  entries: number,
): Promise<{ review: Review; close: () => Promise<void> }> {
  const store = await createInProcessDeadLetters({
    time: systemTime,
    journal,
    onTrouble: () => undefined,
  });
  const review = new Review({
    store,
    runner: { prepare: () => Promise.resolve(PREPARED) },
    settings: {
      entries: 2 * entries,
      bytes: 1_000_000_000,
      entryBytes: 16_000,
      keepSettledMs: 30 * DAY_MS,
      keepOpenMs: 180 * DAY_MS,
    },
    time: systemTime,
    newToken: randomUUID,
    setTimer: setUnrefTimer,
    onExpired: () => undefined,
    onEvicted: () => undefined,
    onActed: () => undefined,
  });
  const close = async (): Promise<void> => {
    review.close();
    await review.idle();
    await store.close();
  };
  return { review, close };
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

const UPDATED: UpdateResult = {
  outcome: 'updated',
  key: 'K',
  attempts: [],
  reads: 1,
  retries: 0,
  durationMs: 1,
  verified: true,
};
const PREPARED: PreparedReview = {
  kind: 'prepared',
  rules: PLAIN_RULES,
  longestMs: 10_000,
  read: () => Promise.resolve({ kind: 'gone', code: 'NOT_FOUND', message: 'It is gone.' }),
  run: () => Promise.resolve({ update: UPDATED, record: undefined }),
};

/** A conflict as an order of a field report has it: three fields, a message with some members. */
function update(n: number): ArrivedUpdate {
  const key = `SO-${String(n).padStart(6, '0')}`;
  const field = (name: string, base: unknown, ours: unknown, theirs: unknown) => ({
    name,
    base,
    ours,
    theirs,
    changedByUs: true,
    changedByThem: base !== theirs,
    conflicting: base !== theirs,
    isGuard: false,
  });
  const changes = { orderstatus: 'Shipped', amount: n, note: `order ${String(n)} of the night` };
  return {
    record: { key, url: `https://orders.example/api/salesorders('${key}')`, type: 'salesorders' },
    source: { node: '5f1c7a2b9d3e4f60', type: 'conditional-update', name: 'ship the order' },
    endpoint: { node: '6a1b2c3d4e5f6071', name: 'Orders', baseUrl: 'https://orders.example/api/' },
    outcome: n % 10 === 0 ? 'uncertain' : 'conflict',
    error: undefined,
    fields: [
      field('orderstatus', 'New', 'Shipped', 'Cancelled'),
      field('amount', 0, n, 0),
      field('note', '', changes.note, ''),
    ],
    seenAt: '2026-11-29T06:00:00.000Z',
    changes,
    isComputed: false,
    isAction: false,
    evidence: {},
    attempts: 3,
    message: { topic: 'orders/night', payload: changes, key, batch: n % 50 },
    changesAt: 'payload',
    leftOut: [],
    trace: { msgid: `m${String(n)}` },
  };
}
