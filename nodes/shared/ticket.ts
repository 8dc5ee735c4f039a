import type { RecordQueue, Ticket } from '../../lib/coordination/queue/queue';
import { InputError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import { findStore } from '../record-store/lookup';
import type { Scope } from './scope';

/** A ticket of an update-queue as it travels in a message: plain data, the queue stays with the store. */
export interface TicketInMessage extends Omit<Ticket, 'expiresAt'> {
  /** Id of the record-store node. */
  readonly store: string;
  readonly queue: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Where a ticket is, and the queue that it is of. */
export interface HeldTicket {
  readonly ticket: Ticket;
  readonly queue: RecordQueue;
}

export function ticketInMessage(
  place: { readonly store: string; readonly queue: string },
  { expiresAt, ...ticket }: Ticket,
): TicketInMessage {
  return { ...place, ...ticket, expiresAt: new Date(expiresAt).toISOString() };
}

/** The ticket at a place of a message; undefined where there is none. */
export function ticketAt(scope: Pick<Scope, 'get'>, path: string): TicketInMessage | undefined {
  const place = scope.get(path);
  const ticket = isFields(place) ? place.ticket : undefined;
  return isTicket(ticket) ? ticket : undefined;
}

function isTicket(value: unknown): value is TicketInMessage {
  if (!isFields(value)) return false;
  const { store, queue, record, token, fence, expiresAt } = value;
  return (
    [store, queue, record, token].every(text => typeof text === 'string' && text !== '') &&
    Number.isSafeInteger(fence) &&
    typeof expiresAt === 'string' &&
    !Number.isNaN(Date.parse(expiresAt))
  );
}

/** The queue of a ticket. Throws InputError `QUEUE_MISSING`. */
export async function heldTicket(
  scope: Pick<Scope, 'nodes'>,
  { store, queue: name, record, token, fence, expiresAt }: TicketInMessage,
): Promise<HeldTicket> {
  const open = findStore(scope, store)?.queues.find(name);
  if (open !== undefined) {
    const ticket = { record, token, fence, expiresAt: Date.parse(expiresAt) };
    return { ticket, queue: await open.queue };
  }
  throw new InputError(
    'QUEUE_MISSING',
    `The ticket of this message is of the queue ${JSON.stringify(name)}, which no update-queue node of this Node-RED has opened. Deploy the node that the message came from, and its store.`,
  );
}
