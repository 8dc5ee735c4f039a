import { expect, test } from 'vitest';
import { SteadyClock } from '../../../lib/coordination/steady-clock';

const STARTED = 1_770_000_000_000;

/** A wall clock in whole milliseconds beside one that goes on between them. */
function clocks() {
  const shown = { ms: 500.25, setBy: 0, heldUpMs: 0 };
  const clock = new SteadyClock({
    now: () => {
      const wall = Math.floor(STARTED + shown.ms + shown.setBy);
      shown.ms += shown.heldUpMs;
      shown.heldUpMs = 0;
      return wall;
    },
    monotonic: () => shown.ms,
  });
  return { clock, shown };
}

test('one time of the wall clock is one reading, whenever it is asked for', () => {
  const { clock, shown } = clocks();
  const first = clock.readingAt(STARTED);
  for (let step = 0; step < 100; step += 1) {
    shown.ms += 0.3;
    expect(clock.readingAt(STARTED), String(shown.ms)).toBe(first);
  }
});

test('nor does it matter that the process is held up between a look at one clock and at the other', () => {
  const { clock, shown } = clocks();
  const first = clock.readingAt(STARTED);
  for (const heldUpMs of [3, 40, 1_000]) {
    shown.heldUpMs = heldUpMs;
    expect(clock.readingAt(STARTED), String(heldUpMs)).toBe(first);
  }
});

test('a reading becomes about the time at which it was taken, and back', () => {
  const { clock, shown } = clocks();
  for (let step = 0; step < 100; step += 1) {
    shown.ms += 0.3;
    const wall = clock.toWall(clock.now());
    expect(Math.abs(wall - (STARTED + shown.ms))).toBeLessThan(2);
    const { reading, isFuture } = clock.fromWall(wall);
    expect(isFuture).toBe(false);
    expect(reading).toBeLessThanOrEqual(clock.now());
    expect(clock.now() - reading).toBeLessThan(3);
  }
});

test.each([-3_600_000, -10, 10, 3_600_000])('follows a wall clock that is set by %d ms', setBy => {
  const { clock, shown } = clocks();
  clock.toWall(clock.now());
  const { ms } = shown;
  shown.setBy = setBy;
  expect(Math.abs(clock.toWall(ms) - (STARTED + ms + setBy))).toBeLessThan(2);
  const { reading, isFuture } = clock.fromWall(Math.floor(STARTED + ms));
  expect(isFuture).toBe(setBy < 0);
  expect(reading).toBeLessThanOrEqual(ms);
});

test('comes to an end where no two looks agree', () => {
  let wall = STARTED;
  const clock = new SteadyClock({ now: () => (wall += 10), monotonic: () => 500 });
  const read = clock.toWall(500);
  expect(read).toBeGreaterThan(STARTED);
  expect(read).toBeLessThanOrEqual(wall);
});
