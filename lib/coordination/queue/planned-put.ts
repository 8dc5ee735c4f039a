import { combine, happenedAt, timesOfWaiting, type Waiting } from './combine';
import { joinedTimes, leftOf, withTimes, type EventTimes } from './late';
import type { QueuedUpdate, QueueMode } from './queue';
import type { Slot, SlotChange } from './queue-store';
import { storedItem, waitingOf } from './stored-update';

const NOTHING: Slot = { revision: 0, items: [], memory: undefined, run: undefined };

type Change = Pick<SlotChange, 'revision' | 'at' | 'remove' | 'add' | 'memory' | 'count'>;

/** What a new update does to a record. */
export interface PlannedPut {
  readonly change: Change;
  /** All of its fields have newer values: nothing but the count changes. */
  readonly isLate: boolean;
  readonly isMerged: boolean;
  readonly superseded: readonly QueuedUpdate[];
}

/**
 * Whether that has to know what is there from the beginning: an update with an event time may be older than what runs,
 * which has no revision. Others most often find nothing.
 */
export function mustLook(mode: QueueMode, { changes, eventAt }: QueuedUpdate): boolean {
  return mode !== 'order' && changes !== undefined && eventAt !== undefined;
}

/** @param slot undefined: it was not looked at */
export function plannedPut(mode: QueueMode, slot: Slot | undefined, newer: Waiting): PlannedPut {
  return planned(mode, slot ?? NOTHING, newer);
}

function planned(mode: QueueMode, slot: Slot, newer: Waiting): PlannedPut {
  const { record, changes } = newer.update;
  // Nothing that is there changes what becomes of it.
  if (mode === 'order' || changes === undefined) return added(newer, undefined);
  const isFirst = slot.items.length === 0 && slot.memory === undefined;
  if (isFirst && newer.update.eventAt === undefined) return added(newer, slot.revision);
  const items = slot.items.map(item => waitingOf(record, item));
  if (slot.memory === undefined && newer.update.eventAt === undefined) {
    return combined(mode, slot, items, newer);
  }
  const at = happenedAt(newer.update);
  const times = knownTimes(slot, items, record);
  const left = leftOf(changes, at, times ?? {});
  if (left === undefined) return late(slot.revision);
  const memory = JSON.stringify(withTimes(times, left, at));
  return combined(
    mode,
    slot,
    items,
    { ...newer, update: { ...newer.update, changes: left } },
    memory,
  );
}

function combined(
  mode: QueueMode,
  { revision }: Slot,
  items: readonly Waiting[],
  newer: Waiting,
  memory?: string,
): PlannedPut {
  const { items: all, superseded, isMerged } = combine(mode, items, newer, newer.update.acceptedAt);
  // The memory of the record knows them.
  const after = memory === undefined ? all : all.map(withoutTimes(items));
  const merged = items.length + 1 - after.length - superseded.length;
  const count = {
    accepted: 1,
    ...(merged > 0 && { merged }),
    ...(superseded.length > 0 && { superseded: superseded.length }),
  };
  const change = { revision, ...spliceOf(items, after), memory, count };
  return { change, isLate: false, isMerged, superseded };
}

/** What goes and comes: all between the first and the last that are not the same. */
export function spliceOf(
  before: readonly Waiting[],
  after: readonly Waiting[],
): Pick<SlotChange, 'at' | 'remove' | 'add'> {
  const shorter = Math.min(before.length, after.length);
  let at = 0;
  while (at < shorter && before[at] === after[at]) at++;
  let same = 0;
  while (same < shorter - at && before.at(-1 - same) === after.at(-1 - same)) same++;
  const add = after.slice(at, after.length - same).map(storedItem);
  return { at, remove: before.length - same - at, add };
}

/** @param revision undefined: whatever is there */
function added(newer: Waiting, revision: number | undefined): PlannedPut {
  const add = [storedItem(newer)];
  const count = { accepted: 1 };
  const change = { revision, at: undefined, remove: 0, add, memory: undefined, count };
  return { change, isLate: false, isMerged: false, superseded: [] };
}

function late(revision: number): PlannedPut {
  const count = { accepted: 1, superseded: 1 };
  const change = { revision, at: undefined, remove: 0, add: [], memory: undefined, count };
  return { change, isLate: true, isMerged: false, superseded: [] };
}

/** The first event time of a record makes those of what waits and runs count, too. */
function knownTimes(
  { memory, run }: Slot,
  items: readonly Waiting[],
  record: string,
): EventTimes | undefined {
  if (memory !== undefined) return JSON.parse(memory) as EventTimes;
  const running = run === undefined ? [] : [waitingOf(record, run.item)];
  return [...running, ...items]
    .map(timesOfWaiting)
    .reduce<EventTimes | undefined>(joinedTimes, undefined);
}

function withoutTimes(known: readonly Waiting[]): (item: Waiting) => Waiting {
  return item =>
    known.includes(item) || item.times === undefined ? item : { ...item, times: undefined };
}
