import { isFields, setOwn, type Fields } from '../../record/fields';
import { patchedNames, valueAt } from '../../record/merge';

/**
 * When the values of a record happened, leaf by leaf: `at` of a plain value or a list as a whole, `in` of what is set
 * within an object. `at` of the record: of all that is forgotten. Times: wall clock, milliseconds since the epoch. Plain data.
 */
export interface EventTimes {
  readonly at?: number;
  readonly in?: Readonly<Record<string, EventTimes>>;
}

/** What was stored may be anybody's. */
export function isEventTimes(value: unknown): value is EventTimes {
  if (!isFields(value)) return false;
  const { at, in: within } = value;
  if (at !== undefined && typeof at !== 'number') return false;
  return within === undefined || (isFields(within) && Object.values(within).every(isEventTimes));
}

/**
 * What is left of changes for which nothing newer was accepted: of the same leaf, of what holds it or of what it holds.
 * At equal times the later arrival wins. Undefined: nothing is left.
 */
export function leftOf(changes: Fields, at: number, times: EventTimes): Fields | undefined {
  const left = leftOfValue(changes, at, times);
  return isFields(left) ? left : undefined;
}

function leftOfValue(value: unknown, at: number, times: EventTimes | undefined): unknown {
  if (times === undefined) return value;
  if ((times.at ?? -Infinity) > at) return undefined;
  if (!isFields(value) || patchedNames(value).length === 0) {
    return latestOf(times) > at ? undefined : value;
  }
  const left: Record<string, unknown> = {};
  for (const name of patchedNames(value)) {
    const kept = leftOfValue(value[name], at, timesAt(times, name));
    if (kept !== undefined) setOwn(left, name, kept);
  }
  return Object.keys(left).length > 0 ? left : undefined;
}

function latestOf({ at = -Infinity, in: within = {} }: EventTimes): number {
  // Of many: as arguments of one call they would be too many.
  return Object.values(within).reduce((latest, each) => Math.max(latest, latestOf(each)), at);
}

/** The times when these changes are accepted, too; nothing newer is known of any of their leaves. */
export function withTimes(times: EventTimes | undefined, changes: Fields, at: number): EventTimes {
  return joinedTimes(times, timesOf(changes, at)) ?? {};
}

/** An object without members sets nothing that could be older or newer. */
function timesOf(value: unknown, at: number): EventTimes {
  if (!isFields(value)) return { at };
  const within: Record<string, EventTimes> = {};
  for (const name of patchedNames(value)) setOwn(within, name, timesOf(value[name], at));
  return Object.keys(within).length > 0 ? { in: within } : {};
}

/** Leaf by leaf the later time. */
export function joinedTimes(
  a: EventTimes | undefined,
  b: EventTimes | undefined,
): EventTimes | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const at = Math.max(a.at ?? -Infinity, b.at ?? -Infinity);
  const within = joinedWithin(a, b, at);
  return {
    ...(at > -Infinity && { at }),
    ...(Object.keys(within).length > 0 && { in: within }),
  };
}

/** What is older than the whole says nothing any more. */
function joinedWithin(a: EventTimes, b: EventTimes, at: number): Record<string, EventTimes> {
  const within: Record<string, EventTimes> = {};
  for (const name of Object.keys({ ...a.in, ...b.in })) {
    const both = joinedTimes(timesAt(a, name), timesAt(b, name));
    if (both !== undefined && latestOf(both) > at) setOwn(within, name, both);
  }
  return within;
}

function timesAt({ in: within }: EventTimes, name: string): EventTimes | undefined {
  return within && (valueAt(within, name, false) as EventTimes | undefined);
}
