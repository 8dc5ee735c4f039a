import { pick } from '../random';

/** On average; 1,000 events take 8 s. */
const MS_PER_EVENT = 8;
/** Signals come in bursts: one begins every 200 ms and lasts 60 ms. */
const BURST_EVERY_MS = 200;
const BUSY_SHARE = 0.3;

/**
 * When the signals of one work order are given among `count` events of all: whole milliseconds from
 * the start, increasing, spread over the whole time. `random` gives the n-th choice, in [0, 1).
 */
export function signalTimes(
  length: number,
  count: number,
  random: (n: number) => number,
): readonly number[] {
  const times: number[] = [];
  for (let n = 0; n < length; n += 1) {
    const even = ((n + random(n)) / length) * count * MS_PER_EVENT;
    times.push(Math.max(Math.floor(inBurst(even)), (times.at(-1) ?? -1) + 1));
  }
  return times;
}

/** Moves a time into its burst; what was earlier stays earlier. */
function inBurst(ms: number): number {
  const intoBurst = ms % BURST_EVERY_MS;
  return ms - intoBurst + intoBurst * BUSY_SHARE;
}

/** The way of a signal to whoever listens, in milliseconds. */
const TRANSIT_MS = 5;
/** Share of the signals that arrive out of order. */
const LATE_SHARE = 0.02;
/** A late signal that overtakes nothing of its own work order is this late, in milliseconds. */
const LATE_MS = { least: 100, more: 300 } as const;
/** A copy, or a late signal, follows this closely, in milliseconds. */
const SOON_MS = { least: 1, more: 39 } as const;

/** The choices about one signal or copy: a number in [0, 1) for each name, always the same. */
export type Chance = (
  about: 'late' | 'overtaken' | 'delay' | 'at once' | 'after' | 'gap',
) => number;

/**
 * When each signal of one work order arrives, in milliseconds from the start. `given` is when they
 * were given, increasing. All arrive in that order, after the same time, but for 2 in 100: of those,
 * half come right after the next signal of the same order, the others 100 to 400 ms late.
 */
export function arrivals(
  given: readonly number[],
  chanceOf: (n: number) => Chance,
): readonly number[] {
  return given.map((at, n) => {
    const chance = chanceOf(n);
    if (chance('late') >= LATE_SHARE) return at + TRANSIT_MS;
    const next = given[n + 1];
    return next !== undefined && chance('overtaken') < 0.5
      ? next + TRANSIT_MS + within(SOON_MS, chance('delay'))
      : at + TRANSIT_MS + within(LATE_MS, chance('delay'));
  });
}

/**
 * When a copy of the n-th signal arrives, always after it: half of the copies at once, the others
 * after a later signal of the same order, where there is one.
 */
export function arrivalOfCopy(arrived: readonly number[], n: number, chance: Chance): number {
  const first = arrived[n] ?? 0;
  const later = chance('at once') < 0.5 ? undefined : pick(arrived.slice(n + 1), chance('after'));
  return Math.max(first, later ?? first) + within(SOON_MS, chance('gap'));
}

/** Whole milliseconds. */
function within({ least, more }: { least: number; more: number }, random: number): number {
  return least + Math.floor(random * (more + 1));
}
