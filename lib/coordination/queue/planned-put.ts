import { InputError } from '../../errors';
import { boundedText } from './bounded-times';
import { combine, happenedAt, timesOfWaiting, type Rules, type Waiting } from './combine';
import { joinedTimes, leftOf, withTimes, type EventTimes } from './late';
import type { QueuedUpdate, QueueMode } from './queue';
import type { Counters, Slot, SlotChange } from './queue-store';
import { storedItem, timesStored, waitingOf } from './stored-update';

const NOTHING: Slot = { revision: 0, items: [], memory: undefined, run: undefined };

type Change = Pick<SlotChange, 'revision' | 'at' | 'remove' | 'add' | 'memory' | 'count'>;

/** What a new update does to a record. */
interface PlannedPut {
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

/** What several do that came one after the other, in one change; what becomes of each stands in `puts`. */
export interface PlannedPuts {
  readonly change: Change;
  readonly puts: readonly Pick<PlannedPut, 'isLate' | 'isMerged' | 'superseded'>[];
}

/** @param slot undefined: it was not looked at */
export function plannedPuts(
  rules: Rules,
  slot: Slot | undefined,
  newer: readonly Waiting[],
): PlannedPuts {
  const [only, ...others] = newer;
  const before = slot ?? NOTHING;
  if (only !== undefined && others.length === 0) {
    const plan = planned(rules, before, only);
    return { change: plan.change, puts: [plan] };
  }
  return together(before, newer, (now, each) => planned(rules, now, each));
}

/** Each finds what those before it leave. */
function together(
  before: Slot,
  newer: readonly Waiting[],
  plan: (slot: Slot, newer: Waiting) => PlannedPut,
): PlannedPuts {
  let slot = before;
  let revision: number | undefined;
  const count: Partial<Record<keyof Counters, number>> = {};
  const puts: PlannedPut[] = [];
  for (const each of newer) {
    const put = plan(slot, each);
    const { at = slot.items.length, remove, add, memory = slot.memory } = put.change;
    slot = { ...slot, items: slot.items.toSpliced(at, remove, ...add), memory };
    // One that may come whatever there is leaves it to the others to say what there must be.
    revision = put.change.revision ?? revision;
    for (const [name, more = 0] of Object.entries(put.change.count) as [keyof Counters, number][]) {
      count[name] = (count[name] ?? 0) + more;
    }
    puts.push(put);
  }
  const { at, remove, add } = differenceOf(before.items, slot.items);
  const memory = slot.memory === before.memory ? undefined : slot.memory;
  // At the end, wherever that is by then.
  const change = {
    at: revision === undefined ? undefined : at,
    remove,
    add,
    revision,
    memory,
    count,
  };
  return { change, puts };
}

function planned(rules: Rules, slot: Slot, newer: Waiting): PlannedPut {
  const { record, changes } = newer.update;
  // Nothing that is there changes what becomes of it.
  if (rules.mode === 'order' || changes === undefined) return added(newer, undefined);
  const isFirst = slot.items.length === 0 && slot.memory === undefined;
  if (isFirst && newer.update.eventAt === undefined) return added(newer, slot.revision);
  const items = slot.items.map(item => waitingOf(record, item));
  if (slot.memory === undefined && newer.update.eventAt === undefined) {
    return combined(rules, slot, items, newer);
  }
  const at = happenedAt(newer.update);
  const times = knownTimes(slot, items, record);
  const left = leftOf(changes, at, times ?? {});
  if (left === undefined) return late(slot.revision);
  const memory = boundedText(withTimes(times, left, at));
  return combined(
    rules,
    slot,
    items,
    { ...newer, update: { ...newer.update, changes: left } },
    memory,
  );
}

function combined(
  rules: Rules,
  { revision }: Slot,
  items: readonly Waiting[],
  newer: Waiting,
  memory?: string,
): PlannedPut {
  const now = newer.update.acceptedAt;
  const { items: all, superseded, isMerged } = combine(rules, items, newer, now);
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

/** What goes and comes, of the items of a record. */
export function spliceOf(
  before: readonly Waiting[],
  after: readonly Waiting[],
): Pick<SlotChange, 'at' | 'remove' | 'add'> {
  const { at, remove, add } = differenceOf(before, after);
  return { at, remove, add: add.map(storedItem) };
}

/** All between the first and the last that are not the same. */
function differenceOf<T>(
  before: readonly T[],
  after: readonly T[],
): { readonly at: number; readonly remove: number; readonly add: readonly T[] } {
  const shorter = Math.min(before.length, after.length);
  let at = 0;
  while (at < shorter && before[at] === after[at]) at++;
  let same = 0;
  while (same < shorter - at && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { at, remove: before.length - same - at, add: after.slice(at, after.length - same) };
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
  if (memory !== undefined) return timesStored(memory) ?? timesUnreadable(record);
  const running = run === undefined ? [] : [waitingOf(record, run.item)];
  return [...running, ...items]
    .map(timesOfWaiting)
    .reduce<EventTimes | undefined>(joinedTimes, undefined);
}

/** Whether an update is late nobody can tell then, and a guess would let an older value in. */
function timesUnreadable(record: string): never {
  throw new InputError(
    'STORED_TIMES_UNREADABLE',
    `When the values of the record ${JSON.stringify(record)} happened is stored in this queue, but cannot be read: somebody else has changed it, or a later version of this package wrote it. So nobody can tell whether this update is older than what was done, and it was not accepted. Update the package in this Node-RED, or take away what was changed: in Redis the field ${JSON.stringify(`y${record}`)} of the key that ends in ":data"; otherwise it is forgotten 24 hours after the last update of the record.`,
  );
}

function withoutTimes(known: readonly Waiting[]): (item: Waiting) => Waiting {
  return item =>
    known.includes(item) || item.times === undefined ? item : { ...item, times: undefined };
}
