import { describe, expect, it } from 'vitest';
import { HOUR_MS, type CounterStore } from '../../../lib/monitor/counter-store';
import { createInProcessCounters } from '../../../lib/monitor/in-process-counters';
import { createMonitor, type Monitor } from '../../../lib/monitor/monitor';
import { FakeTime } from '../coordination/fake-time';
import { conflict, ended, noisy } from './ended';

const WEEK = { type: undefined, timeZone: 'UTC', days: 7 };

function monitorAt(time: FakeTime, store?: () => Promise<CounterStore>): Monitor {
  const own = createInProcessCounters({ time, run: 'r', onTrouble: () => undefined });
  return createMonitor({ time, setTimer: time.setTimer, store: store ?? (() => own) });
}

describe('a monitor', () => {
  it('tells what was counted: now, in all, and by record type', async () => {
    const time = new FakeTime(Date.UTC(2026, 10, 21, 6, 20));
    const monitor = monitorAt(time);
    for (const one of [ended(), ended(), noisy('tax job'), conflict('Ann')]) monitor.add(one);
    monitor.add(ended({}, { type: 'territories' }));
    time.pass(30 * 60_000);
    monitor.add(ended());
    expect(monitor.recent(5)).toMatchObject({ updates: 1, conflicts: 0 });
    expect(monitor.recent(60, 'orders')).toMatchObject({ updates: 5, conflicts: 2 });
    expect(monitor.types()).toEqual(['orders', 'territories']);

    const report = await monitor.report(WEEK);
    expect(report.live.minutes.updates).toBe(1);
    expect(report.live.hour.updates).toBe(6);
    expect(report.total).toMatchObject({ updates: 6, conflicts: 2, noise: 1, permanent: 1 });
    expect(report.byType.map(({ type, rates }) => [type, rates.updates])).toEqual([
      ['orders', 5],
      ['territories', 1],
    ]);
    // 21 November 2026 is a Saturday.
    expect(report.heatMap[6]?.[6]).toEqual({ updates: 6, conflicts: 2, rate: 2 / 6 });
    expect(report.heatMap.flat().filter(({ updates }) => updates > 0)).toHaveLength(1);
    expect(report.writersByHour[6]).toEqual([
      { writer: 'tax job', count: 1 },
      { writer: 'Ann', count: 1 },
    ]);
    expect(report.unavailable).toBeUndefined();
    const narrowed = await monitor.report({ ...WEEK, type: 'territories' });
    expect(narrowed.total.updates).toBe(1);
    expect(narrowed.byType).toHaveLength(2);
    expect(narrowed.writers).toEqual([]);
  });

  it('goes back as many days as it is asked for', async () => {
    const time = new FakeTime();
    const monitor = monitorAt(time);
    monitor.add(ended());
    await monitor.save();
    time.pass(30 * HOUR_MS);
    monitor.add(ended());
    expect((await monitor.report({ ...WEEK, days: 1 })).total.updates).toBe(1);
    expect((await monitor.report({ ...WEEK, days: 2 })).total.updates).toBe(2);
  });

  it('saves what was counted after ten seconds, and by itself only where there is something', async () => {
    const time = new FakeTime();
    const store = await createInProcessCounters({ time, run: 'r', onTrouble: () => undefined });
    const monitor = monitorAt(time, () => Promise.resolve(store));
    expect(time.timerCount).toBe(0);
    monitor.add(ended());
    time.pass(9_999);
    await Promise.resolve();
    expect(store.known.size).toBe(0);
    time.pass(1);
    await monitor.save();
    expect(store.known.size).toBe(1);
    expect(time.timerCount).toBe(0);
  });

  it('goes on while its store is away, says so, and makes up for it', async () => {
    const time = new FakeTime();
    const store = await createInProcessCounters({ time, run: 'r', onTrouble: () => undefined });
    let isAway = false;
    const monitor = monitorAt(time, () =>
      isAway ? Promise.reject(new Error('Redis is away.')) : Promise.resolve(store),
    );
    monitor.add(ended());
    await monitor.save();
    isAway = true;
    monitor.add(noisy('Ann'));
    time.pass(HOUR_MS);
    monitor.add(ended());
    const report = await monitor.report(WEEK);
    expect(report.unavailable).toBe('Redis is away.');
    expect(report.total).toMatchObject({ updates: 3, conflicts: 1 });
    expect(report.writers).toEqual([{ writer: 'Ann', count: 1 }]);
    isAway = false;
    expect((await monitor.report(WEEK)).total.updates).toBe(3);
    expect([...store.known.since(0)].map(([, , { row }]) => row[0])).toEqual([2, 1]);
  });

  it('counts into another store what it has in hand when the store changes', async () => {
    const time = new FakeTime();
    const open = () => createInProcessCounters({ time, run: 'r', onTrouble: () => undefined });
    const stores = [await open(), await open()];
    let at = 0;
    const monitor = monitorAt(time, () => Promise.resolve(stores[at] as CounterStore));
    monitor.add(ended());
    expect((await monitor.report(WEEK)).total.updates).toBe(1);
    at = 1;
    monitor.add(ended());
    expect((await monitor.report(WEEK)).total.updates).toBe(2);
  });

  it('counts the same record type of several runs together', async () => {
    const time = new FakeTime();
    const store = await createInProcessCounters({ time, run: 'r', onTrouble: () => undefined });
    const monitor = monitorAt(time, () => Promise.resolve(store));
    for (let i = 0; i < 60; i++) monitor.add(ended({}, { type: `type ${String(i)}` }));
    expect(monitor.types()).toHaveLength(51);
    expect(monitor.types()).toContain('(other types)');
    expect((await monitor.report({ ...WEEK, type: '(other types)' })).total.updates).toBe(10);
  });

  it('forgets nothing when the clock is set back, and nothing is counted twice', async () => {
    const time = new FakeTime();
    const monitor = monitorAt(time);
    monitor.add(ended());
    time.setWall(time.now() - 2 * HOUR_MS);
    monitor.add(ended());
    expect((await monitor.report(WEEK)).total.updates).toBe(2);
  });
});

describe('hours of the day across the change of summer time', () => {
  const BERLIN = { type: undefined, timeZone: 'Europe/Berlin', days: 7 };

  /** One update in each of the hours from that time on; the cells of Sunday that have some. */
  async function sundayOf(from: number, hours: number): Promise<[hour: number, updates: number][]> {
    const time = new FakeTime(from);
    const monitor = monitorAt(time);
    for (let hour = 0; hour < hours; hour++) {
      monitor.add(ended());
      await monitor.save();
      time.pass(HOUR_MS);
    }
    const { heatMap } = await monitor.report(BERLIN);
    return (heatMap[0] ?? []).flatMap(({ updates }, hour): [number, number][] =>
      updates > 0 ? [[hour, updates]] : [],
    );
  }

  it('the hour that comes twice in autumn counts both', async () => {
    // 25 October 2026: at 3 o'clock it is 2 again. From midnight in Berlin.
    const found = await sundayOf(Date.UTC(2026, 9, 24, 22), 6);
    expect(found).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 1],
      [4, 1],
    ]);
  });

  it('the hour that is missing in spring stays empty', async () => {
    // 29 March 2026: after 1:59 comes 3:00.
    const found = await sundayOf(Date.UTC(2026, 2, 28, 23), 4);
    expect(found).toEqual([
      [0, 1],
      [1, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  it('the same hour of the day is the same cell before and after the change', async () => {
    const time = new FakeTime(Date.UTC(2026, 9, 24, 12)); // 14 h in summer, a Saturday
    const monitor = monitorAt(time);
    monitor.add(ended());
    await monitor.save();
    time.setWall(Date.UTC(2026, 9, 31, 13)); // 14 h in winter, the next Saturday
    monitor.add(ended());
    const { heatMap } = await monitor.report({ ...BERLIN, days: 14 });
    expect(heatMap[6]?.[14]?.updates).toBe(2);
  });
});
