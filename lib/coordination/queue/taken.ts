import type { WriteFate } from '../../outcome/outcome';
import type { Taken, Unread } from './queue';
import type { TakenItem } from './queue-store';
import { fateNoted, waitingOf } from './stored-update';

/** What was taken, and what of it cannot be read. */
export interface ReadItem {
  readonly taken: Taken;
  readonly unread: Unread | undefined;
}

export function readTaken(item: TakenItem): ReadItem {
  const { record, token, fence, expiresAt, deliveries } = item;
  const { update, note, unread } = waitingOf(record, item);
  const fate = note === undefined ? undefined : fateNoted(note);
  const taken = { ticket: { record, token, fence, expiresAt }, update, deliveries, fate };
  return { taken, unread: unreadIn(unread, note, fate) };
}

function unreadIn(
  text: string | undefined,
  note: string | undefined,
  fate: WriteFate | undefined,
): Unread | undefined {
  if (text !== undefined) return { what: 'update', text, ...(note !== undefined && { note }) };
  return note === undefined || fate !== undefined ? undefined : { what: 'fate', text: note };
}
