import type {
  QueuedUpdate,
  QueueStats,
  Taken,
  UpdateToQueue,
} from '../../lib/coordination/queue/queue';
import type { QueueStore } from '../../lib/coordination/queue/queue-store';
import type { UpdateResult, WriteFate } from '../../lib/outcome/outcome';
import type { Begin } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import { ticketInMessage } from '../shared/ticket';
import type { UpdateQueueConfig } from './config';
import { ticketMembers, updateMembers } from './members';
import { restored } from './stored-message';

/** Where tickets of a queue are settled. */
export interface QueuePlace {
  /** Id of the record-store node. */
  readonly store: string;
  readonly queue: string;
}

/** Makes messages of what leaves a queue, and sends them. */
export class Outgoing {
  /** Where the queue is kept. */
  store: Pick<QueueStore, 'isDurable'> | undefined;
  /** Whether the latest update is. */
  isSaved = true;

  constructor(
    private readonly begin: Begin,
    private readonly config: UpdateQueueConfig,
    private readonly place: QueuePlace,
  ) {}

  /** @param counted the queue as it was last looked at */
  next(taken: Taken, counted: QueueStats | undefined): void {
    const { config } = this;
    const { update, ticket, fate } = taken;
    const scope = this.scopeOf(update);
    const members = ticketMembers(taken, ticketInMessage(this.place, ticket), counted);
    scope.set(config.ticket, { ...members, ...this.durability() });
    // conditional-update looks at it as at the pass before of a wired loop: the write is judged, not simply done again.
    if (fate !== undefined) scope.set(config.result, inDoubt(fate));
    scope.send([scope.msg], 'next');
  }

  superseded(update: QueuedUpdate): void {
    const scope = this.scopeOf(update);
    this.sendSuperseded(scope, updateMembers(update));
  }

  /** The message itself: newer values were there when it came. */
  late({ msg }: Scope): void {
    this.sendSuperseded(this.begin(msg), { updates: 1 });
  }

  givenUp({ update, deliveries, fate }: Omit<Taken, 'ticket'>): void {
    const { config } = this;
    const scope = this.scopeOf(update);
    const members = { ...updateMembers(update), deliveries };
    scope.set(config.ticket, { state: 'given-up', ...members, ...this.durability() });
    scope.set(config.result, neverSettled(update, deliveries, fate));
    scope.send([null, null, scope.msg], 'given up');
  }

  private sendSuperseded(scope: Scope, members: object): void {
    const { ticket } = this.config;
    scope.set(ticket, { state: 'superseded', ...members, ...this.durability() });
    scope.send([null, scope.msg], 'superseded');
  }

  private scopeOf({ changes, message }: Pick<UpdateToQueue, 'changes' | 'message'>): Scope {
    const scope = this.begin(restored(message));
    if (changes !== undefined) scope.set(this.config.changes, changes);
    return scope;
  }

  private durability(): object {
    const isDurable = this.isSaved && this.store?.isDurable !== false;
    return isDurable ? {} : { durable: false };
  }
}

/** What a wired loop would have kept. */
function inDoubt({ base, pending }: WriteFate): UpdateResult {
  const { key } = base.snapshot;
  return { outcome: 'retry', cause: 'transient', ...NOTHING_DONE, key, base, pending };
}

const NOTHING_DONE = {
  verified: false,
  attempts: [],
  reads: 0,
  retries: 0,
  durationMs: 0,
} as const;

function neverSettled(
  { record }: QueuedUpdate,
  deliveries: number,
  fate: WriteFate | undefined,
): UpdateResult {
  const error = {
    code: 'UPDATE_UNSETTLED',
    message: `The update was handed on ${deliveries} times and never settled. Wire every way out of the flow to an update-queue of action "settle", errors too.`,
  };
  const key = fate?.base.snapshot.key ?? record;
  const ended = { ...NOTHING_DONE, key, error };
  if (fate === undefined) return { outcome: 'exhausted', ...ended };
  const { base, pending, node } = fate;
  const evidence = { base, pending };
  return { outcome: 'uncertain', ...ended, evidence, ...(node === undefined ? {} : { node }) };
}
