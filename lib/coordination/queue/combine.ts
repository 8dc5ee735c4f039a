import { InputError } from '../../errors';
import { isFields, type Fields } from '../../record/fields';
import { patchedNames } from '../../record/merge';
import { mergedChanges } from '../../record/merged-changes';
import { joinedTimes, withTimes, type EventTimes } from './late';
import { bytesKept } from './check-update';
import type { QueuedUpdate } from './queue';
import type { QueueSettings } from './queue-settings';

/** An update that waits, or comes to. */
export interface Waiting {
  readonly update: QueuedUpdate;
  /** 0: at once. */
  readonly dueAt: number;
  readonly deliveries: number;
  /** A write in doubt: nothing may be done to the update before that is judged. */
  readonly note: string | undefined;
  /** When its values happened; undefined: all at the same time, `happenedAt(update)`. */
  readonly times: EventTimes | undefined;
  /** As it is stored, where that cannot be read. */
  readonly unread?: string;
}

/** How updates are combined: see the settings of a queue. */
export type Rules = Pick<QueueSettings, 'mode' | 'largestBytes'>;

/** What waits of a record, and which updates will not be handed on. */
export interface Combined {
  readonly items: readonly Waiting[];
  readonly superseded: readonly QueuedUpdate[];
  /** The newest one is one with an older one. */
  readonly isMerged: boolean;
}

/**
 * What becomes of updates that wait when a newer one comes: none of its values is older than theirs. Nothing is moved
 * across what keeps its place, an update is not made to wait longer by a newer one, the baseline of one snapshot never
 * stands for another one, and what together would be larger than one update may be waits one after the other.
 * @param now for what is due at once
 */
export function combine(
  rules: Rules,
  items: readonly Waiting[],
  newer: Waiting,
  now: number,
): Combined {
  const { mode } = rules;
  if (mode === 'order' || !isFree(newer)) return appended(items, newer);
  const start = items.findLastIndex(item => !isFree(item)) + 1;
  const superseded: QueuedUpdate[] = [];
  const between: Waiting[] = [];
  let newest = newer;
  for (const older of items.slice(start).reverse()) {
    const comesFirst = dueAfter(newest, now) > dueAfter(older, now);
    const merged =
      mode === 'merge' && between.length === 0 && !comesFirst
        ? mergedOf(older, newest, rules.largestBytes)
        : undefined;
    if (!comesFirst && overtakes(newest.update.changes, older.update.changes)) {
      superseded.unshift(older.update);
    } else if (merged !== undefined) {
      newest = merged;
    } else {
      between.unshift(older);
    }
  }
  return {
    items: [...items.slice(0, start), ...between, newest],
    superseded,
    isMerged: newest !== newer,
  };
}

/**
 * What becomes of an update that comes back to be tried again: it is older than all that waits. `superseded` names it
 * where newer ones name all its fields.
 */
export function comeBack(
  rules: Rules,
  items: readonly Waiting[],
  back: Waiting,
  now: number,
): Combined {
  if (rules.mode === 'order' || !isFree(back)) {
    return { items: [back, ...items], superseded: [], isMerged: false };
  }
  const fixed = items.findIndex(item => !isFree(item));
  const free = fixed < 0 ? items.length : fixed;
  let combined: Combined = { items: [back], superseded: [], isMerged: false };
  for (const newer of items.slice(0, free)) {
    const next = combine(rules, combined.items, newer, now);
    combined = { ...next, superseded: [...combined.superseded, ...next.superseded] };
  }
  return { ...combined, items: [...combined.items, ...items.slice(free)] };
}

/** When its values happened as far as it says so, else when it arrived. */
export function happenedAt({ eventAt, acceptedAt }: QueuedUpdate): number {
  return eventAt ?? acceptedAt;
}

/** When the values of an update happened; undefined: it has none that could be older or newer. */
export function timesOfWaiting({ update, times }: Waiting): EventTimes | undefined {
  if (update.changes === undefined) return undefined;
  return times ?? withTimes(undefined, update.changes, happenedAt(update));
}

function appended(items: readonly Waiting[], newer: Waiting): Combined {
  return { items: [...items, newer], superseded: [], isMerged: false };
}

/** It may be merged, or leave because of a newer one. */
function isFree({ update, note }: Waiting): boolean {
  return note === undefined && update.changes !== undefined;
}

function dueAfter({ dueAt }: Waiting, now: number): number {
  return Math.max(dueAt, now);
}

/** Whether the newer one sets all that the older one does. */
function overtakes(newer: unknown, older: unknown): boolean {
  // A plain value or a list takes the place of whatever there was, and parts of an object not the place of such.
  if (!isFields(newer)) return newer !== undefined;
  if (!isFields(older)) return false;
  return patchedNames(older).every(
    name => Object.hasOwn(newer, name) && overtakes(newer[name], older[name]),
  );
}

/** One update of two; undefined: they cannot be one. */
function mergedOf(older: Waiting, newer: Waiting, largestBytes: number): Waiting | undefined {
  const [a, b] = [older.update, newer.update];
  if (a.version !== b.version || a.changes === undefined || b.changes === undefined)
    return undefined;
  const changes = mergedOrNone(a.changes, b.changes);
  if (changes === undefined || bytesKept({ ...b, changes }) > largestBytes) return undefined;
  const eventAt = Math.max(a.eventAt ?? -Infinity, b.eventAt ?? -Infinity);
  const update: QueuedUpdate = {
    ...b,
    changes,
    eventAt: eventAt > -Infinity ? eventAt : undefined,
    acceptedAt: Math.min(a.acceptedAt, b.acceptedAt),
    updates: a.updates + b.updates,
    postponed: Math.max(a.postponed, b.postponed),
  };
  return {
    update,
    dueAt: Math.max(older.dueAt, newer.dueAt),
    deliveries: Math.max(older.deliveries, newer.deliveries),
    note: undefined,
    times: joinedTimes(timesOfWaiting(older), timesOfWaiting(newer)),
  };
}

function mergedOrNone(older: Fields, newer: Fields): Fields | undefined {
  try {
    return mergedChanges([older, newer]);
  } catch (error) {
    if (error instanceof InputError && error.code === 'CHANGES_UNMERGEABLE') return undefined;
    throw error;
  }
}
