import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Monitor } from '../../lib/monitor/monitor';
import type { ReviewCounts, ReviewDesk } from '../../lib/review/desk';
import { CountsBroadcast } from '../../plugins/conflicts-sidebar/broadcast';
import type { LiveCounts } from '../../plugins/conflicts-sidebar/shapes';

const COUNTS: ReviewCounts = {
  open: 3,
  settled: 1,
  byOutcome: { conflict: 2, uncertain: 1 },
  toReconcile: 1,
  bytes: 1_000,
  mostEntries: 10,
  mostBytes: 10_000,
  oldestAt: 1,
  isFull: false,
};
type Listener = Parameters<ReviewDesk['onChange']>[0];

let listeners: Listener[] = [];
let sent: LiveCounts[] = [];
let ended = { updates: 0, conflicts: 0, retried: 0 };

function broadcast(): CountsBroadcast {
  const desk = {
    counts: () => Promise.resolve(COUNTS),
    onChange: (listener: Listener) => {
      listeners.push(listener);
      return () => {
        listeners = listeners.filter(one => one !== listener);
      };
    },
  } as Partial<ReviewDesk> as ReviewDesk;
  return new CountsBroadcast({
    lists: () => [
      { id: 'a', name: 'A', place: 'one', desk: () => Promise.resolve(desk) },
      { id: 'same', name: 'A too', place: 'one', desk: () => Promise.resolve(desk) },
      {
        id: 'away',
        name: 'B',
        place: 'other',
        desk: () => Promise.reject(new Error('The store is away.')),
      },
    ],
    monitors: () => [{ recent: () => ended } as unknown as Monitor],
    publish: live => void sent.push(live),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  listeners = [];
  sent = [];
  ended = { updates: 0, conflicts: 0, retried: 0 };
});
afterEach(() => vi.useRealTimers());

it('sends numbers, at most once a second, and nothing where nothing has changed', async () => {
  const live = broadcast();
  live.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ open: 3, toReconcile: 1, fullLists: 0, updates: 0 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent).toHaveLength(1);

  for (let open = 4; open < 104; open += 1) {
    for (const listener of listeners) listener({ ...COUNTS, open }, undefined);
  }
  ended = { updates: 50, conflicts: 7, retried: 9 };
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatchObject({ open: 103, updates: 50, conflicts: 7, retries: 9 });
  expect(sent[1]?.turn).toBeGreaterThan(sent[0]?.turn ?? 0);
  for (const one of sent) {
    expect(Object.values(one).every(value => typeof value === 'number')).toBe(true);
  }
});

it('tells how far an act on many has come, but not whose it is', async () => {
  const live = broadcast();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  const bulk = { state: 'running', left: 7, total: 10, by: 'mira' } as Parameters<Listener>[1];
  listeners[0]?.(COUNTS, bulk);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent[0]).toMatchObject({ bulkLeft: 7, bulkTotal: 10 });
  expect(JSON.stringify(sent)).not.toContain('mira');
});

it('watches what is deployed anew, and nothing after the flows have stopped', async () => {
  const live = broadcast();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(listeners).toHaveLength(2);
  live.stop();
  expect(listeners).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent).toHaveLength(0);
});

it('finds a list whose store was away when the flows began', async () => {
  let isAway = true;
  const desk = {
    counts: () => Promise.resolve(COUNTS),
    onChange: () => () => undefined,
  } as Partial<ReviewDesk> as ReviewDesk;
  const live = new CountsBroadcast({
    lists: () => [
      {
        id: 'a',
        name: 'A',
        place: 'one',
        desk: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(desk)),
      },
    ],
    monitors: () => [],
    publish: one => void sent.push(one),
  });
  live.start();
  await vi.advanceTimersByTimeAsync(6_000);
  expect(sent.at(-1)?.open).toBe(0);
  isAway = false;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(sent.at(-1)?.open).toBe(3);
  live.stop();
});
