import { expect, it } from 'vitest';
import { emptyRow } from '../../../lib/monitor/counts';
import { hourOf, type CountedHour, type CounterStore } from '../../../lib/monitor/counter-store';
import { KEPT_HOURS } from '../../../lib/monitor/hourly-counts';

/** Opens the counters of one endpoint, as the given run of Node-RED sees them, at that time. */
export type OpenCounters = (run: string, now: () => number) => Promise<CounterStore>;

/** What every store of counters has to hold to. */
export function countersContract(open: OpenCounters): void {
  const NOW = Date.UTC(2026, 10, 21, 6, 30);
  const HOUR = hourOf(NOW);
  const now = (): number => NOW;

  const counted = (hour: number, count: number, type = 'orders'): CountedHour => ({
    type,
    hour,
    row: emptyRow().map((_, at) => (at === 0 ? count : 0)),
    writers: count === 0 ? [] : [{ writer: 'tax job', count }],
  });

  /** Type, hours ago, how many. */
  async function found(store: CounterStore): Promise<[string, number, number][]> {
    const memory = await store.read();
    return [...memory.since(0)]
      .map(([type, hour, { row }]): [string, number, number] => [type, HOUR - hour, row[0] ?? 0])
      .sort(([a, ago], [b, other]) => a.localeCompare(b) || ago - other);
  }

  it('holds nothing at first', async () => {
    expect(await found(await open('one', now))).toEqual([]);
  });

  it('an hour takes the place of what the same run has saved of it', async () => {
    const store = await open('one', now);
    await store.save([counted(HOUR, 3), counted(HOUR - 1, 9)]);
    await store.save([counted(HOUR, 5)]);
    await store.save([counted(HOUR, 5)]);
    expect(await found(store)).toEqual([
      ['orders', 0, 5],
      ['orders', 1, 9],
    ]);
    const writers = [...store.known.since(HOUR)].map(([, , hour]) => hour.writers);
    expect(writers).toEqual([[{ writer: 'tax job', count: 5 }]]);
  });

  it('record types are kept apart, whatever they are called', async () => {
    const store = await open('one', now);
    await store.save([
      counted(HOUR, 1, 'a b'),
      counted(HOUR, 2, '__proto__'),
      counted(HOUR, 3, 'ä"\n'),
    ]);
    expect(
      new Set((await found(store)).map(([type, , count]) => `${type}:${String(count)}`)),
    ).toEqual(new Set(['a b:1', '__proto__:2', 'ä"\n:3']));
  });

  it('hours older than 90 days are gone', async () => {
    const store = await open('one', now);
    await store.save([counted(HOUR - KEPT_HOURS, 1), counted(HOUR - KEPT_HOURS + 1, 2)]);
    const days = (await found(store)).filter(([, ago]) => ago < KEPT_HOURS);
    expect(days).toEqual([['orders', KEPT_HOURS - 1, 2]]);
  });
}
