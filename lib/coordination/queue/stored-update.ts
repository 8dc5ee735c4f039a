import type { Fields } from '../../record/fields';
import type { Waiting } from './combine';
import type { EventTimes } from './late';
import type { QueuedUpdate } from './queue';
import type { StoredItem } from './queue-store';

/** The first line of a text; the message follows. What is usual is left out. */
interface Head {
  readonly changes?: Fields;
  readonly version?: string;
  readonly eventAt?: number;
  readonly updates?: number;
  readonly postponed?: number;
  readonly times?: EventTimes;
}

export function storedItem({ update, dueAt, deliveries, note, times }: Waiting): StoredItem {
  const { changes, version, eventAt, updates, postponed, message, acceptedAt } = update;
  const head: Head = {
    ...(changes !== undefined && { changes }),
    ...(version !== undefined && { version }),
    ...(eventAt !== undefined && { eventAt }),
    ...(updates !== 1 && { updates }),
    ...(postponed !== 0 && { postponed }),
    ...(times !== undefined && { times }),
  };
  return { text: `${JSON.stringify(head)}\n${message}`, dueAt, acceptedAt, deliveries, note };
}

/** A text that is none of ours counts as a message without changes: it keeps its place and leaves like any other. */
export function waitingOf(record: string, item: StoredItem): Waiting {
  const { text, dueAt, acceptedAt, deliveries, note } = item;
  const { head, message } = parted(text);
  const { changes, version, eventAt, updates = 1, postponed = 0, times } = head;
  const update: QueuedUpdate = {
    record,
    changes,
    version,
    eventAt,
    message,
    acceptedAt,
    updates,
    postponed,
  };
  return { update, dueAt, deliveries, note, times };
}

function parted(text: string): { readonly head: Head; readonly message: string } {
  const end = text.indexOf('\n');
  try {
    const head: unknown = JSON.parse(text.slice(0, Math.max(0, end)));
    if (typeof head === 'object' && head !== null) return { head, message: text.slice(end + 1) };
  } catch {
    // As below.
  }
  return { head: {}, message: text };
}
