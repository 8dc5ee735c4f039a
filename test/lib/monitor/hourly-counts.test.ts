import { describe, expect, it } from 'vitest';
import { emptyRow, ROW_LENGTH } from '../../../lib/monitor/counts';
import { CounterMemory, OTHER_TYPES } from '../../../lib/monitor/counter-memory';
import { HourlyCounts, KEPT_HOURS } from '../../../lib/monitor/hourly-counts';

const row = (count: number): number[] => emptyRow().map(() => count);
const NOW = 500_000;

describe('the hours of a record type', () => {
  it('come back as they were counted', () => {
    const hours = new HourlyCounts();
    hours.set(NOW, { row: row(7), writers: [{ writer: 'tax job', count: 3 }] });
    hours.set(NOW - 1, { row: row(4_095), writers: [] });
    const found = new Map(hours.since(NOW - 5));
    expect(found.get(NOW)).toEqual({ row: row(7), writers: [{ writer: 'tax job', count: 3 }] });
    expect(found.get(NOW - 1)).toEqual({ row: row(4_095), writers: [] });
    expect(hours.size).toBe(2);
  });

  it('take at most 200 KB for 90 busy days with ever new writers', () => {
    const hours = new HourlyCounts();
    for (let hour = NOW - KEPT_HOURS + 1; hour <= NOW; hour++) {
      const writers = Array.from({ length: 40 }, (_, i) => ({
        writer: `${String(hour * 40 + i).padStart(12, '0')} a rather long name of whoever it was !`,
        count: 100 + i,
      }));
      hours.set(hour, { row: row(3_600_000), writers });
    }
    expect([...hours.since(0)]).toHaveLength(KEPT_HOURS);
    expect(hours.bytes).toBeGreaterThan(KEPT_HOURS * ROW_LENGTH * 2);
    expect(hours.bytes).toBeLessThanOrEqual(200_000);
  });

  it('keep the three writers met most often', () => {
    const hours = new HourlyCounts();
    const writers = ['a', 'b', 'c', 'd'].map((writer, i) => ({ writer, count: i + 1 }));
    hours.set(NOW, { row: row(1), writers });
    const found = new Map(hours.since(NOW)).get(NOW);
    expect(found?.writers).toEqual([writers[3], writers[2], writers[1]]);
  });

  it('are forgotten after 90 days, and names with them', () => {
    const hours = new HourlyCounts();
    for (let i = 0; i < 64; i++) {
      hours.set(NOW, { row: row(1), writers: [{ writer: `old ${String(i)}`, count: 1 }] });
    }
    hours.set(NOW, { row: row(1), writers: [{ writer: 'one more', count: 1 }] });
    expect([...hours.since(NOW)][0]?.[1].writers).toEqual([{ writer: 'one more', count: 1 }]);
    expect(hours.prune(NOW + KEPT_HOURS + 48)).toBe(true);
    expect([...hours.since(0)]).toEqual([]);
    expect(hours.size).toBe(0);
  });
});

it('counts at most 50 record types apart', () => {
  const memory = new CounterMemory();
  for (let i = 0; i < 50; i++) {
    memory.set(memory.nameFor(`type ${String(i)}`), NOW, { row: row(1), writers: [] });
  }
  expect(memory.nameFor('type 7')).toBe('type 7');
  expect(memory.nameFor('one more')).toBe(OTHER_TYPES);
});
