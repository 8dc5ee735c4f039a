import { randomUUID } from 'node:crypto';
import type { UpdateResult } from '../../lib/outcome/outcome';
import { setUnrefTimer, systemTime } from '../../lib/retry/time';
import type { ArrivedUpdate } from '../../lib/review/arrive';
import { Review } from '../../lib/review/review';
import { PLAIN_RULES } from '../../lib/review/review-fields';
import type { PreparedReview } from '../../lib/review/runner';
import { createInProcessDeadLetters } from '../../lib/review/store/in-process-store';
import type { DeadLetterStore } from '../../lib/review/store/store';
import { keepInFlight, upTo } from './in-flight';

const DAY_MS = 86_400_000;
export const AT_ONCE = 16;

/** A list whose updates are done without network. */
export interface OpenedLetters {
  readonly review: Review;
  readonly close: () => Promise<void>;
}

export function openLetters(store: DeadLetterStore, entries: number): OpenedLetters {
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

export function journalStore(journal: string): Promise<DeadLetterStore> {
  return createInProcessDeadLetters({ time: systemTime, journal, onTrouble: () => undefined });
}

export async function fillLetters({ review }: OpenedLetters, entries: number): Promise<void> {
  await keepInFlight(AT_ONCE, upTo(entries), async n => {
    await review.add(update(n));
  });
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
