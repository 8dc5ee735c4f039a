import { randomUUID } from 'node:crypto';
import { InputError } from '../../errors';
import type { WriteFate } from '../../outcome/outcome';
import { conflictRate } from '../../retry/conflict-rate';
import { isPeak } from '../../retry/peak';
import { systemTime, type Time } from '../../retry/time';
import { StoreUnavailable } from '../redis/faults';
import { checkUpdate } from './check-update';
import { comeBack, type Waiting } from './combine';
import { backOf, type ComingBack } from './coming-back';
import { nextHold } from './hold';
import { mustLook, plannedPuts, spliceOf, type PlannedPuts } from './planned-put';
import { PutLines } from './put-lines';
import type {
  GivenUp,
  TicketEnding,
  PutResult,
  QueuedUpdate,
  QueueStats,
  RecordQueue,
  SettleResult,
  Taken,
  Ticket,
  UpdateToQueue,
} from './queue';
import { checkCount, checkQueueSettings, type QueueSettings } from './queue-settings';
import type {
  ChangeResult,
  Counters,
  QueueStore,
  SlotChange,
  StoreState,
  TakenItem,
} from './queue-store';
import { waitingOf } from './stored-update';
import { readTaken, type ReadItem } from './taken';

export interface QueueSources {
  readonly time: Pick<Time, 'now'>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Late-comers are known as such for so long after the last update of their record. */
const MEMORY_MS = 24 * 3_600_000;

/** How many of the oldest records are looked at for an update that may leave. */
const OLDEST = 16;

const MINUTE_MS = 60_000;

/** Clocks that differ by less go the same; an answer takes its time, too. Milliseconds. */
const SAME_TIME_MS = 2000;
const NOTHING: readonly never[] = [];
const NO_COUNT = {};

/**
 * A queue of updates over any store. Everything rejects as the store does: with StoreUnavailable in an outage, with
 * InputError where a person has to do something. Throws RangeError for settings out of range.
 */
export function createRecordQueue(
  store: QueueStore,
  settings: QueueSettings,
  sources: QueueSources = { time: systemTime, random: Math.random },
): RecordQueue {
  checkQueueSettings(settings);
  return new Queue(store, settings, sources);
}

class Queue implements RecordQueue {
  private readonly onSupersededs = new Set<(update: QueuedUpdate) => void>();
  private readonly lines = new PutLines((record, newer) => this.putAll(record, newer));
  private readonly onGivenUps = new Set<(givenUp: GivenUp) => void>();
  /** As it was seen last. */
  private hold: string | undefined;
  private peak = { minute: NaN, isNow: false };
  private followed: StoreState | undefined;
  /** How far the store's clock is ahead of ours, as far as is known. */
  private aheadMs = 0;

  constructor(
    private readonly store: QueueStore,
    private readonly settings: QueueSettings,
    private readonly sources: QueueSources,
  ) {}

  put(update: UpdateToQueue): Promise<PutResult> {
    const now = this.sources.time.now();
    try {
      checkUpdate(update, now, this.settings.largestBytes);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return this.lines.put(arrived(update, now, this.aheadMs));
  }

  async take(most: number): ReturnType<RecordQueue['take']> {
    checkCount('most', most);
    const { dispatch, batches } = this.settings;
    const tokens = Array.from({ length: most }, () => randomUUID());
    const batch = batches === 'always' || this.hold !== '' ? dispatch.batch : undefined;
    const options = { tokens, parallel: dispatch.parallel, leaseMs: dispatch.leaseMs, batch };
    const { taken, nextAt, state } = await again(() => this.store.take(options));
    const given: Taken[] = [];
    for (const item of taken) {
      const read = readTaken(item);
      const isLost = read.unread !== undefined;
      if (!isLost && item.deliveries <= this.settings.tries) given.push(read.taken);
      // Where that fails it comes back when its lease is over, and the others are handed on all the same.
      else await this.giveUp(item, read).catch(() => undefined);
    }
    await this.follow(state);
    const isMore = given.length < taken.length;
    return { taken: given, nextAt: isMore ? this.sources.time.now() : this.local(nextAt, state) };
  }

  beforeWrite({ record, token }: Ticket, fate: WriteFate): Promise<boolean> {
    const { leaseMs } = this.settings.dispatch;
    return again(() => this.store.note(record, token, JSON.stringify(fate), leaseMs));
  }

  async settle(ticket: Ticket, ending: TicketEnding, id?: string): Promise<SettleResult> {
    if (ending.kind === 'again' || ending.kind === 'unseen') {
      return this.settleBack(ticket, ending, id);
    }
    const count = {
      ...(ending.kind === 'done' ? { done: 1 } : { givenUp: 1 }),
      ...settledCount(ending),
    };
    const isEnded = await this.end(ticket, count, id);
    return { state: isEnded ? ending.kind : 'late' };
  }

  async stats(): Promise<QueueStats> {
    const state = await again(() => this.store.state());
    const { now, waiting, inFlight, oldestAt, counters, recent, isPaused, heldUntil } = state;
    const { accepted, merged, superseded, done, again: repeated, givenUp } = counters;
    return {
      waiting,
      inFlight,
      oldestAgeMs: oldestAt === undefined ? undefined : Math.max(0, now - oldestAt),
      accepted,
      merged,
      superseded,
      done,
      again: repeated,
      givenUp,
      isPaused,
      heldUntil: heldUntil > now ? this.local(heldUntil, state) : undefined,
      conflictRate: conflictRate(recent),
    };
  }

  pause(): Promise<void> {
    return again(() => this.store.setPaused(true));
  }

  resume(): Promise<void> {
    return again(() => this.store.setPaused(false));
  }

  flush(): Promise<void> {
    return again(() => this.store.flush());
  }

  onWork(listener: () => void): () => void {
    return this.store.onWork(listener);
  }

  onSuperseded(listener: (update: QueuedUpdate) => void): () => void {
    return listening(this.onSupersededs, listener);
  }

  onGivenUp(listener: (givenUp: GivenUp) => void): () => void {
    return listening(this.onGivenUps, listener);
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  /**
   * Most often first as if nothing waited of the record. Undefined: there is no room for all of several; nothing was done.
   */
  private async putAll(
    record: string,
    newer: readonly Waiting[],
  ): Promise<readonly PutResult[] | undefined> {
    const { settings } = this;
    let dropped: readonly QueuedUpdate[] = NOTHING;
    try {
      const looks = newer.some(({ update }) => mustLook(settings.mode, update));
      let slot = looks ? await again(() => this.store.look(record)) : undefined;
      for (;;) {
        const { change, puts } = plannedPuts(settings, slot, newer);
        const result = await this.change(record, change, { limit: settings.limit });
        if (result.kind === 'moved') slot = result.slot;
        if (result.kind === 'full' && newer.length > 1) return undefined;
        if (result.kind === 'full') dropped = [...dropped, await this.dropOldest()];
        if (result.kind !== 'changed') continue;
        const following = this.follow(result.state);
        if (following !== undefined) await following;
        const durable = this.store.isDurable && result.saved;
        const results = puts.map(put => resultOf(put, durable));
        return dropped.length === 0 ? results : this.withDropped(dropped, results);
      }
    } catch (error) {
      // What had to make room for it has left all the same.
      this.tellSuperseded(dropped);
      throw error;
    }
  }

  /** Those that had to make room leave by the one that came; one that left itself tells of none. */
  private withDropped(
    dropped: readonly QueuedUpdate[],
    results: readonly PutResult[],
  ): readonly PutResult[] {
    const [first, ...others] = results;
    if (first === undefined) return results;
    if (first.state !== 'superseded') {
      return [{ ...first, superseded: [...dropped, ...first.superseded] }, ...others];
    }
    this.tellSuperseded(dropped);
    return results;
  }

  /** Makes room. Throws InputError `QUEUE_FULL`. */
  private async dropOldest(): Promise<QueuedUpdate> {
    if (this.settings.whenFull === 'refuse') throw queueFull(this.settings.limit);
    for (;;) {
      const records = await again(() => this.store.oldest(OLDEST));
      const tried = await this.dropOneOf(records);
      if (tried !== 'moved') return tried;
    }
  }

  private async dropOneOf(records: readonly string[]): Promise<QueuedUpdate | 'moved'> {
    for (const record of records) {
      const { revision, items } = await again(() => this.store.look(record));
      const waiting = items.map(item => waitingOf(record, item));
      // A write in doubt has to be judged, and what cannot be read be seen by a person.
      const at = waiting.findIndex(
        ({ note, unread }) => note === undefined && unread === undefined,
      );
      const oldest = waiting[at];
      if (oldest === undefined) continue;
      const result = await this.change(record, {
        revision,
        at,
        remove: 1,
        count: { superseded: 1 },
      });
      return result.kind === 'changed' ? oldest.update : 'moved';
    }
    if (records.length === 0) return 'moved';
    throw queueFull(this.settings.limit);
  }

  private async settleBack(
    ticket: Ticket,
    ending: ComingBack,
    id: string | undefined,
  ): Promise<SettleResult> {
    const { record, token } = ticket;
    let slot = await again(() => this.store.look(record));
    for (;;) {
      if (slot.run?.token !== token) {
        return this.answerBefore(ticket, id);
      }
      const run = waitingOf(record, slot.run.item);
      if (ending.kind === 'again' && this.isLastTry(run)) {
        const { metConflict } = ending;
        return this.settle(ticket, { kind: 'given-up', metConflict }, id && givenUpId(id));
      }
      const { time, random } = this.sources;
      const clocks = { now: time.now(), aheadMs: this.aheadMs };
      const back = backOf(run, ending, clocks, random);
      const items = slot.items.map(item => waitingOf(record, item));
      const combined = comeBack(this.settings, items, back, clocks.now + clocks.aheadMs);
      const { superseded } = combined;
      const count = {
        merged: items.length + 1 - combined.items.length - superseded.length,
        superseded: superseded.length,
        ...(ending.kind === 'again' && { again: 1, ...settledCount(ending) }),
      };
      const splice = spliceOf(items, combined.items);
      const { revision } = slot;
      const result = await this.change(record, { id, revision, ...splice, count }, { ends: token });
      if (result.kind === 'moved') slot = result.slot;
      else return this.cameBack(result, superseded, superseded.includes(back.update));
    }
  }

  /** The ticket is over, unless it ended by this very settlement, of which the answer was lost. */
  private async answerBefore(ticket: Ticket, id: string | undefined): Promise<SettleResult> {
    if (id === undefined) return { state: 'late' };
    if (await this.end(ticket, {}, givenUpId(id))) return { state: 'given-up' };
    return { state: (await this.end(ticket, {}, id)) ? 'queued' : 'late' };
  }

  /** What runs was handed on as often as the limit allows, this time included. */
  private isLastTry({ update: { postponed }, deliveries }: Waiting): boolean {
    return postponed + deliveries >= this.settings.tries;
  }

  private async cameBack(
    result: ChangeResult,
    superseded: readonly QueuedUpdate[],
    isSuperseded: boolean,
  ): Promise<SettleResult> {
    if (result.kind !== 'changed') return { state: 'late' };
    this.tellSuperseded(superseded);
    await this.follow(result.state);
    return { state: isSuperseded ? 'superseded' : 'queued' };
  }

  private async giveUp(item: TakenItem, { taken, unread }: ReadItem): Promise<void> {
    // Nobody but whoever is told has it then.
    if (unread !== undefined && this.onGivenUps.size === 0) return;
    if (!(await this.end(item, { givenUp: 1 }))) return;
    const { update, deliveries, fate } = taken;
    // Handed on so often, and once more to nobody.
    const givenUp = { update, deliveries: deliveries - 1, fate };
    tellOne(this.onGivenUps, unread === undefined ? givenUp : { ...givenUp, unread });
  }

  /** False: the run is not that token's any more. */
  private async end(
    { record, token }: Pick<Ticket, 'record' | 'token'>,
    count: Partial<Counters>,
    id?: string,
  ): Promise<boolean> {
    const result = await this.change(record, { id, count }, { ends: token });
    if (result.kind !== 'changed') return false;
    await this.follow(result.state);
    return true;
  }

  /** @param with further conditions, and what ends with it */
  private change(
    record: string,
    { id, revision, at, remove = 0, add = NOTHING, memory, count = NO_COUNT }: Partial<SlotChange>,
    { limit, ends }: Pick<Partial<SlotChange>, 'limit' | 'ends'> = {},
  ): Promise<ChangeResult> {
    // Written out: every update goes through here, and spreads cost a visible share of it.
    const whole: SlotChange = {
      record,
      id,
      revision,
      at,
      remove,
      add,
      memory,
      memoryMs: MEMORY_MS,
      limit,
      ends,
      count,
    };
    return this.store.change(whole);
  }

  /**
   * Whoever notices first sets the hold; who cannot leaves it to the next one. Undefined: there is nothing to set, which
   * is nearly always so.
   */
  private follow(state: StoreState): Promise<void> | undefined {
    // Whatever went together is told the same one.
    if (state === this.followed) return undefined;
    this.followed = state;
    this.hold = state.hold;
    const aheadMs = state.now - this.sources.time.now();
    this.aheadMs = Math.abs(aheadMs) < SAME_TIME_MS ? 0 : aheadMs;
    const next = nextHold(state, this.settings.hold, this.isPeak(state.now), this.sources.random);
    return next === undefined ? undefined : this.setHold(state.hold, next);
  }

  private async setHold(
    before: string,
    { text, heldUntil }: NonNullable<ReturnType<typeof nextHold>>,
  ): Promise<void> {
    const isSet = await this.store.setHold(before, text, heldUntil).catch(() => false);
    if (isSet) this.hold = text;
  }

  /** Peak hours begin and end on full minutes. */
  private isPeak(now: number): boolean {
    const { hours } = this.settings.hold;
    if (hours === undefined) return false;
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.peak.minute) this.peak = { minute, isNow: isPeak(hours, now) };
    return this.peak.isNow;
  }

  /** A time of the store's clock by ours. */
  private local(time: number | undefined, { now }: StoreState): number | undefined {
    return time === undefined ? undefined : time - now + this.sources.time.now();
  }

  private tellSuperseded(updates: readonly QueuedUpdate[]): void {
    for (const update of updates) tellOne(this.onSupersededs, update);
  }
}

function resultOf(
  { isLate, isMerged, superseded }: PlannedPuts['puts'][number],
  durable: boolean,
): PutResult {
  if (isLate) return { state: 'superseded' };
  return { state: isMerged ? 'merged' : 'queued', durable, superseded };
}

/** Whoever asks again with the same id gets the same answer: once is no outage yet. */
function again<T>(ask: () => Promise<T>): Promise<T> {
  return ask().catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return ask();
    throw error;
  });
}

/** @param aheadMs of the store's clock: times in the store are those of it */
function arrived(arriving: UpdateToQueue, now: number, aheadMs: number): Waiting {
  const { record, changes, version, eventAt, message, dueAt = 0 } = arriving;
  return {
    update: {
      record,
      changes,
      version,
      eventAt,
      message,
      acceptedAt: now + aheadMs,
      updates: 1,
      postponed: 0,
    },
    dueAt: dueAt > now ? dueAt + aheadMs : 0,
    deliveries: 0,
    note: undefined,
    times: undefined,
  };
}

function givenUpId(id: string): string {
  return `${id}:given-up`;
}

function settledCount({
  metConflict,
}: Exclude<TicketEnding, { readonly kind: 'unseen' }>): Pick<Counters, 'settled' | 'conflicts'> {
  return { settled: 1, conflicts: metConflict ? 1 : 0 };
}

function listening<T>(
  listeners: Set<(value: T) => void>,
  listener: (value: T) => void,
): () => void {
  // The same function may listen twice.
  const own = (value: T): void => {
    listener(value);
  };
  listeners.add(own);
  return () => {
    listeners.delete(own);
  };
}

function tellOne<T>([listener]: Iterable<(value: T) => void>, value: T): void {
  listener?.(value);
}

function queueFull(limit: number): InputError {
  return new InputError(
    'QUEUE_FULL',
    `The queue holds its limit of ${limit} waiting updates, so this one was not accepted. Check that updates leave the queue and are settled, raise the limit, or let the oldest be superseded.`,
  );
}
