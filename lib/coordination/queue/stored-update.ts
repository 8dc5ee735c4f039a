import type { WriteFate } from '../../outcome/outcome';
import { isFields, type Fields } from '../../record/fields';
import type { Waiting } from './combine';
import { isEventTimes, type EventTimes } from './late';
import type { QueuedUpdate } from './queue';
import type { StoredItem } from './queue-store';

/** The first line of a text; the message follows. What is usual is left out. */
interface Head {
  readonly changes?: Fields | undefined;
  readonly version?: string | undefined;
  readonly eventAt?: number | undefined;
  readonly updates?: number | undefined;
  readonly postponed?: number | undefined;
  readonly times?: EventTimes | undefined;
}

export function storedItem({
  update,
  dueAt,
  deliveries,
  note,
  times,
  unread,
}: Waiting): StoredItem {
  const { changes, version, eventAt, updates, postponed, message, acceptedAt } = update;
  if (unread !== undefined) return { text: unread, dueAt, acceptedAt, deliveries, note };
  const isPlain = updates === 1 && postponed === 0 && times === undefined;
  if (isPlain && version === undefined && eventAt === undefined) {
    // Nearly all of them: what is left out costs time, too.
    return { text: textOf({ changes }, message), dueAt, acceptedAt, deliveries, note };
  }
  const head: Head = {
    changes,
    version,
    eventAt,
    updates: updates === 1 ? undefined : updates,
    postponed: postponed === 0 ? undefined : postponed,
    times,
  };
  return { text: textOf(head, message), dueAt, acceptedAt, deliveries, note };
}

function textOf(head: Head, message: string): string {
  return `${JSON.stringify(head)}\n${message}`;
}

/**
 * A text that cannot be read (somebody else has changed it, or a later version wrote it) is `unread`: a message without
 * changes, which keeps its place and stays as it is.
 */
export function waitingOf(record: string, item: StoredItem): Waiting {
  const { text, dueAt, acceptedAt, deliveries, note } = item;
  const end = text.indexOf('\n');
  const head = headOf(text.slice(0, Math.max(0, end)));
  const { changes, version, eventAt, updates = 1, postponed = 0, times } = head ?? {};
  const update: QueuedUpdate = {
    record,
    changes,
    version,
    eventAt,
    message: head === undefined ? text : text.slice(end + 1),
    acceptedAt,
    updates,
    postponed,
  };
  if (head === undefined) return { update, dueAt, deliveries, note, times, unread: text };
  return { update, dueAt, deliveries, note, times };
}

/** Undefined: it is none. */
function headOf(line: string): Head | undefined {
  const head = parsed(line);
  return isFields(head) && isHead(head) ? head : undefined;
}

function isHead({ changes, version, eventAt, updates, postponed, times }: Fields): boolean {
  return (
    (changes === undefined || isFields(changes)) &&
    (version === undefined || typeof version === 'string') &&
    areNumbersOrMissing(eventAt, updates, postponed) &&
    (times === undefined || isEventTimes(times))
  );
}

function areNumbersOrMissing(...values: readonly unknown[]): boolean {
  return values.every(value => value === undefined || typeof value === 'number');
}

/** What was noted of a write before it left. Undefined: it cannot be read. */
export function fateNoted(note: string): WriteFate | undefined {
  const fate = parsed(note);
  if (!isFields(fate) || !isFields(fate.base) || !isFields(fate.pending)) return undefined;
  const { base, pending } = fate;
  const { changesHash, snapshot } = base;
  const isBase = typeof changesHash === 'string' && isFields(snapshot) && isSnapshot(snapshot);
  const isPending =
    typeof pending.versionSent === 'string' && typeof pending.changesHash === 'string';
  return isBase && isPending ? (fate as unknown as WriteFate) : undefined;
}

function isSnapshot({ url, version, values }: Fields): boolean {
  return typeof url === 'string' && typeof version === 'string' && isFields(values);
}

/** What is remembered of the times of a record. Undefined: it cannot be read. */
export function timesStored(memory: string): EventTimes | undefined {
  const times = parsed(memory);
  return isEventTimes(times) ? times : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
