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
  return { updates, acceptedAt: isoTime(acceptedAt), postponed };
}

/** What is stored may be anybody's: the latest date that there is stands for later ones. */
function isoTime(ms: number): string {
  return new Date(Math.min(ms, LATEST_MS)).toISOString();
}

const LATEST_MS = 8.64e15;

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
