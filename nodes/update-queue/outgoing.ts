import type {
  GivenUp,
  QueuedUpdate,
  QueueStats,
  Taken,
  Unread,
  UpdateToQueue,
} from '../../lib/coordination/queue/queue';
import type { QueueStore } from '../../lib/coordination/queue/queue-store';
import type { UpdateResult, WriteFate } from '../../lib/outcome/outcome';
import type { Begin } from '../shared/on-input';
import type { Message, Scope } from '../shared/scope';
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

/** What waits cannot be made a message of, now or ever. */
export class UnreadableMessage extends Error {}

/** Makes messages of what leaves a queue, and sends them. What was stored of one that cannot be read goes along. */
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

  /** Throws UnreadableMessage. @param counted the queue as it was last looked at */
  next(taken: Taken, counted: QueueStats | undefined): void {
    const { config } = this;
    const { update, ticket, fate } = taken;
    if (restored(update.message) === undefined) throw new UnreadableMessage();
    const scope = this.scopeOf(update);
    const members = ticketMembers(taken, ticketInMessage(this.place, ticket), counted);
    scope.set(config.ticket, { ...members, ...this.durability() });
    // conditional-update looks at it as at the pass before of a wired loop: the write is judged, not simply done again.
    if (fate !== undefined) scope.set(config.result, inDoubt(fate));
    scope.send([scope.msg], 'next');
  }

  superseded(update: QueuedUpdate): void {
    const scope = this.scopeOf(update);
    this.sendSuperseded(scope, { ...updateMembers(update), ...unreadIn(update) });
  }

  /** The message itself: newer values were there when it came. */
  late({ msg }: Scope): void {
    this.sendSuperseded(this.begin(msg), { updates: 1 });
  }

  givenUp(givenUp: GivenUp): void {
    const { config, place } = this;
    const { update, deliveries, unread } = givenUp;
    const scope = this.scopeOf(update);
    const members = { ...updateMembers(update), deliveries, ...unreadIn(update, unread) };
    scope.set(config.ticket, { state: 'given-up', ...members, ...this.durability() });
    const isUnread = unread !== undefined || 'stored' in members;
    const result = isUnread ? unreadable(givenUp, place.queue) : neverSettled(givenUp);
    scope.set(config.result, result);
    scope.send([null, null, scope.msg], 'given up');
  }

  private sendSuperseded(scope: Scope, members: object): void {
    const { ticket } = this.config;
    scope.set(ticket, { state: 'superseded', ...members, ...this.durability() });
    scope.send([null, scope.msg], 'superseded');
  }

  private scopeOf({ changes, message }: Pick<UpdateToQueue, 'changes' | 'message'>): Scope {
    const scope = this.begin(restored(message) ?? ({} as Message));
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

/** Whose message cannot be read is known by nothing else. Empty where it can. */
function unreadIn({ record, message }: QueuedUpdate, unread?: Unread): object {
  if (unread?.what === 'fate') return { record, note: unread.text };
  if (restored(message) !== undefined) return {};
  const { note } = unread ?? {};
  return { record, stored: message, ...(note === undefined ? {} : { note }) };
}

function unreadable({ update, fate, unread }: GivenUp, queue: string): UpdateResult {
  const { record } = update;
  const what = unread?.what === 'fate' ? 'What was noted of a write' : 'What is stored';
  const error = {
    code: 'STORED_UPDATE_UNREADABLE',
    message: `${what} of the update of record ${JSON.stringify(record)} in the queue ${JSON.stringify(queue)} cannot be read: another program has changed it, or a later version of this package wrote it. It goes along as it was stored. Look at the record and do the update once more by hand; keep other programs away from the store, and the package in each Node-RED up to date.`,
  };
  const isInDoubt = unread?.what === 'fate' || unread?.note !== undefined;
  if (isInDoubt) return { outcome: 'uncertain', ...NOTHING_DONE, key: record, error };
  return withFate('exhausted', { ...NOTHING_DONE, key: record, error }, fate);
}

function neverSettled({ update: { record }, deliveries, fate }: GivenUp): UpdateResult {
  const error = {
    code: 'UPDATE_UNSETTLED',
    message: `The update was handed on ${deliveries} times and never settled. Wire every way out of the flow to an update-queue of action "settle", errors too.`,
  };
  return withFate('exhausted', { ...NOTHING_DONE, key: record, error }, fate);
}

/** @param outcome where no write is in doubt */
function withFate(
  outcome: UpdateResult['outcome'],
  ended: Omit<UpdateResult, 'outcome'>,
  fate: WriteFate | undefined,
): UpdateResult {
  if (fate === undefined) return { ...ended, outcome };
  const { base, pending, node } = fate;
  const { key } = base.snapshot;
  const evidence = { base, pending };
  return {
    ...ended,
    outcome: 'uncertain',
    key,
    evidence,
    ...(node === undefined ? {} : { node }),
  };
}
