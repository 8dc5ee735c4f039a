import type { QueuedUpdate, QueueStats, Taken } from '../../lib/coordination/queue/queue';
import type { TicketInMessage } from '../shared/ticket';

/** What `msg.queue` holds of an update on its way out. */
interface UpdateMembers {
  /** How many updates it stands for. */
  readonly updates: number;
  /** ISO 8601. */
  readonly acceptedAt: string;
  /** How often it came back to be tried again. */
  readonly postponed: number;
}

/** Numbers of the whole queue. Times are ISO 8601. */
interface CounterMembers extends Omit<QueueStats, 'isPaused' | 'heldUntil' | 'oldestAgeMs'> {
  readonly oldestAgeMs?: number;
  readonly paused: boolean;
  readonly heldUntil?: string;
}

export function updateMembers({ updates, acceptedAt, postponed }: QueuedUpdate): UpdateMembers {
  return { updates, acceptedAt: new Date(acceptedAt).toISOString(), postponed };
}

/** @param counted the queue as it was last looked at */
export function ticketMembers(
  { update, deliveries }: Pick<Taken, 'update' | 'deliveries'>,
  ticket: TicketInMessage,
  counted: QueueStats | undefined,
): object {
  return {
    ticket,
    ...updateMembers(update),
    deliveries,
    ...(counted === undefined ? {} : { waiting: counted.waiting, inFlight: counted.inFlight }),
  };
}

export function counterMembers(stats: QueueStats): CounterMembers {
  const { isPaused, heldUntil, oldestAgeMs, ...counters } = stats;
  return {
    ...counters,
    paused: isPaused,
    ...(oldestAgeMs === undefined ? {} : { oldestAgeMs }),
    ...(heldUntil === undefined ? {} : { heldUntil: new Date(heldUntil).toISOString() }),
  };
}
