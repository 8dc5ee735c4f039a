import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  combine,
  comeBack,
  type Rules,
  type Waiting,
} from '../../../../lib/coordination/queue/combine';
import { nextHold, type HoldSettings } from '../../../../lib/coordination/queue/hold';
import { leftOf, withTimes, type EventTimes } from '../../../../lib/coordination/queue/late';
import type { StoreState } from '../../../../lib/coordination/queue/queue-store';
import { Timetable } from '../../../../lib/coordination/queue/timetable';
import type { Fields } from '../../../../lib/record/fields';

const NOW = 1_000_000;

function waiting(changes: Fields | undefined, rest: Partial<Waiting> = {}): Waiting {
  const update = {
    record: 'r',
    changes,
    version: undefined,
    eventAt: undefined,
    message: '{}',
    acceptedAt: NOW,
    updates: 1,
    postponed: 0,
  };
  return { update, dueAt: 0, deliveries: 0, note: undefined, times: undefined, ...rest };
}

const rulesOf = (mode: Rules['mode'], largestBytes = 1000): Rules => ({ mode, largestBytes });

const changesOf = (items: readonly Waiting[]): unknown[] =>
  items.map(({ update }) => update.changes);

describe('what is left of a late-comer', () => {
  const times = (...accepted: [Fields, number][]): EventTimes =>
    accepted.reduce<EventTimes>((all, [changes, at]) => withTimes(all, changes, at), {});

  it.each<[string, Fields, EventTimes, Fields | undefined]>([
    ['all where nothing is known', { a: 1 }, {}, { a: 1 }],
    ['what is newer of nothing', { a: 1, b: 2 }, times([{ a: 0 }, 6]), { b: 2 }],
    ['nothing', { a: 1 }, times([{ a: 0 }, 6]), undefined],
    ['what came at the same time', { a: 1 }, times([{ a: 0 }, 5]), { a: 1 }],
    [
      'nothing within what was set as a whole',
      { o: { x: { z: 1 } } },
      times([{ o: null }, 6]),
      undefined,
    ],
    [
      'nothing of a whole of which a part is newer',
      { o: [1] },
      times([{ o: { x: { z: 1 } } }, 6]),
      undefined,
    ],
    [
      'parts beside newer parts',
      { o: { x: 1, y: 1 } },
      times([{ o: { x: 0 } }, 6]),
      { o: { y: 1 } },
    ],
    [
      'parts of a whole that is older',
      { o: { x: 1 } },
      times([{ o: { y: 0 } }, 6], [{ o: 0 }, 4]),
      { o: { x: 1 } },
    ],
    ['what an empty object cannot know', { o: { x: 1 } }, times([{ o: {} }, 6]), { o: { x: 1 } }],
    [
      'names that objects have anyway',
      JSON.parse('{"__proto__": 1, "constructor": 2}') as Fields,
      times([{ toString: 1 }, 6]),
      JSON.parse('{"__proto__": 1, "constructor": 2}') as Fields,
    ],
  ])('is %s', (_what, changes, known, left) => {
    expect(leftOf(changes, 5, known)).toEqual(left);
  });

  it('remembers names that objects have anyway', () => {
    const changes = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as Fields;
    const known = JSON.parse(JSON.stringify(times([changes, 6]))) as EventTimes;
    expect(leftOf(changes, 5, known)).toBeUndefined();
    expect(leftOf(changes, 6, known)).toEqual(changes);
  });

  it('is found out of more parts than a call has room for', () => {
    const parts = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`f${n}`, n]));
    expect(leftOf({ o: null }, 5, times([{ o: parts }, 6]))).toBeUndefined();
  });

  it('remembers the time of each leaf, and of a whole no part that is older', () => {
    expect(times([{ o: { x: 1, y: 1 } }, 3], [{ o: null }, 4])).toEqual({ in: { o: { at: 4 } } });
    expect(times([{ o: null }, 4], [{ o: { x: 1 } }, 5])).toEqual({
      in: { o: { at: 4, in: { x: { at: 5 } } } },
    });
  });
});

describe('updates that wait', () => {
  it('that were handed on before say so when they are merged, not when a newer one takes their place', () => {
    const older = waiting({ a: 1 }, { deliveries: 2 });
    expect(combine(rulesOf('merge'), [older], waiting({ b: 1 }), NOW).items).toMatchObject([
      { deliveries: 2 },
    ]);
    expect(combine(rulesOf('merge'), [older], waiting({ a: 2 }), NOW).items).toMatchObject([
      { deliveries: 0 },
    ]);
  });

  it('are as old as the oldest that is in them, and wait for the latest time', () => {
    const older = waiting({ a: 1 }, { dueAt: NOW + 5 });
    const newer = waiting({ b: 1 }, { dueAt: NOW + 3 });
    const { items } = combine(rulesOf('merge'), [older], newer, NOW);
    expect(items).toMatchObject([{ dueAt: NOW + 5, update: { acceptedAt: NOW, updates: 2 } }]);
  });

  it.each<[string, Fields, Fields, boolean]>([
    ['the same field', { a: 1 }, { a: null }, true],
    ['another field', { a: 1 }, { b: 1 }, false],
    ['a part by the whole', { o: { x: 1 } }, { o: null }, true],
    ['a part by a list', { o: { x: 1 } }, { o: [] }, true],
    ['the whole by a part', { o: null }, { o: { x: 1 } }, false],
    ['a part by an empty object', { o: { x: 1 } }, { o: {} }, false],
    ['an empty object by a part', { o: {} }, { o: { x: 1 } }, true],
    ['an inherited name', { toString: 1 }, { a: 1 }, false],
  ])('leave for a newer one that names them: %s', (_what, older, newer, leaves) => {
    const { superseded } = combine(rulesOf('newest'), [waiting(older)], waiting(newer), NOW);
    expect(superseded).toHaveLength(leaves ? 1 : 0);
  });

  it('leave by one that merged with others, too', () => {
    const first = waiting({ a: 1, b: 1 });
    const other = { ...first, update: { ...first.update, version: '1' } };
    const items = [other, waiting({ a: 2 })];
    const combined = combine(rulesOf('merge'), items, waiting({ b: 2 }), NOW);
    expect(changesOf(combined.items)).toEqual([{ a: 2, b: 2 }]);
    expect(combined.superseded).toEqual([other.update]);
  });

  it('one that comes back goes before all of them, in order unchanged', () => {
    const items = Array.from({ length: 1000 }, (_, a) => waiting({ a }));
    const back = waiting({ a: -1 });
    expect(comeBack(rulesOf('order'), items, back, NOW).items).toEqual([back, ...items]);
    const doubt = waiting({ a: -1 }, { note: '{}' });
    expect(comeBack(rulesOf('merge'), [waiting({ a: 1 })], doubt, NOW).items).toHaveLength(2);
    const fixed = waiting(undefined);
    const { items: after } = comeBack(rulesOf('merge'), [fixed, waiting({ a: 1 })], back, NOW);
    expect(changesOf(after)).toEqual([{ a: -1 }, undefined, { a: 1 }]);
  });
});

describe('the hold', () => {
  const settings: HoldSettings = {
    rates: { from: 0.3, to: 0.15 },
    hours: undefined,
    shortestMs: 120_000,
    longestMs: 180_000,
  };

  function state(rest: Partial<StoreState>): StoreState {
    return {
      now: NOW,
      waiting: 1,
      inFlight: 0,
      oldestAt: NOW - 1,
      dueAt: NOW - 1,
      counters: {} as StoreState['counters'],
      recent: { settled: 0, conflicts: 0 },
      isPaused: false,
      hold: '',
      heldUntil: 0,
      ...rest,
    };
  }

  const next = (rest: Partial<StoreState>, isPeak = false): ReturnType<typeof nextHold> =>
    nextHold(state(rest), settings, isPeak, () => 0.5);

  it.each<[number, number, boolean]>([
    [20, 7, true],
    [20, 6, false],
    [19, 19, false],
    [0, 0, false],
    [100, 31, true],
  ])('begins above the rate of enough updates: of %d %d', (settled, conflicts, begins) => {
    const hold = next({ recent: { settled, conflicts } });
    expect(hold?.heldUntil).toBe(begins ? NOW + 150_000 : undefined);
  });

  it('is over by its time, then all that waited goes before another begins', () => {
    const recent = { settled: 20, conflicts: 20 };
    const first = next({ recent });
    const hold = first?.text ?? '';
    expect(next({ recent, hold, heldUntil: NOW + 1 })).toBeUndefined();
    const drain = next({ recent, hold, heldUntil: NOW });
    expect(drain?.heldUntil).toBe(0);
    const draining = { recent, hold: drain?.text ?? '' };
    const now = NOW + 9;
    expect(next({ ...draining, now, oldestAt: NOW, dueAt: NOW })).toBeUndefined();
    for (const at of [NOW + 1, undefined]) {
      const after = next({ ...draining, now, oldestAt: at, dueAt: at });
      expect(after?.heldUntil).toBe(NOW + 150_009);
    }
  });

  it('waits for what is behind one that runs, and not for ever for what has its own time', () => {
    const waiting = { recent: { settled: 20, conflicts: 20 }, hold: `{"drainsUntil":${NOW}}` };
    const later = { ...waiting, oldestAt: NOW, dueAt: NOW + 3_600_000 };
    expect(next({ ...later, now: NOW + 179_999 })).toBeUndefined();
    expect(next({ ...later, now: NOW + 180_000 })?.heldUntil).toBe(NOW + 330_000);
  });

  it.each<[number, number, boolean]>([
    [100, 15, true],
    [100, 14, false],
    [5, 5, true],
    [0, 0, false],
  ])('goes on until below the other rate: of %d %d', (settled, conflicts, goesOn) => {
    const draining = { hold: '{"drainsUntil":1}', oldestAt: undefined };
    const hold = next({ ...draining, recent: { settled, conflicts } });
    if (goesOn) expect(hold?.heldUntil).toBe(NOW + 150_000);
    else expect(hold).toEqual({ text: '', heldUntil: 0 });
  });

  it('is there in busy hours, and not where nothing is set', () => {
    expect(next({}, true)?.heldUntil).toBe(NOW + 150_000);
    const none = { ...settings, rates: undefined };
    const recent = { settled: 20, conflicts: 20 };
    expect(nextHold(state({ recent }), none, false, () => 0)).toBeUndefined();
  });

  it('of an unknown form is over', () => {
    expect(next({ hold: 'of a later version' })).toEqual({ text: '', heldUntil: 0 });
  });
});

describe('the schedule', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    at: fc.option(fc.nat(20), { nil: undefined }),
  });

  it('has the same first ones as a sorted list, whatever is set and deleted', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.nat(20), (steps, until) => {
        const schedule = new Timetable();
        const model = new Map<string, number>();
        for (const { key, at } of steps) {
          if (at === undefined) {
            schedule.delete(key);
            model.delete(key);
          } else {
            // Who gets another time comes last of those that have it.
            if (model.get(key) !== at) model.delete(key);
            model.set(key, at);
            schedule.set(key, at);
          }
        }
        const sorted = [...model].sort((a, b) => a[1] - b[1]);
        expect(schedule.firsts(4)).toEqual(sorted.slice(0, 4).map(([key]) => key));
        expect(schedule.firsts(Infinity, until)).toEqual(
          sorted.filter(([, at]) => at <= until).map(([key]) => key),
        );
        expect(schedule.first()?.at).toBe(sorted[0]?.[1]);
        expect(schedule.size).toBe(model.size);
      }),
    );
  });
});
