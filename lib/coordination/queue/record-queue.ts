import { randomUUID } from 'node:crypto';
import { InputError } from '../../errors';
import type { WriteFate } from '../../outcome/outcome';
import { isPeak } from '../../retry/peak';
import { systemTime, type Time } from '../../retry/time';
import { StoreUnavailable } from '../redis/faults';
import { checkUpdate } from './check-update';
import { comeBack, type Waiting } from './combine';
import { conflictRate, nextHold, type HoldSettings } from './hold';
import { mustLook, plannedPut, spliceOf } from './planned-put';
import type {
  Dispatch,
  TicketEnding,
  PutResult,
  QueuedUpdate,
  QueueMode,
  QueueStats,
  RecordQueue,
  SettleResult,
  Taken,
  Ticket,
  UpdateToQueue,
} from './queue';
import type {
  ChangeResult,
  Counters,
  QueueStore,
  SlotChange,
  StoreState,
  TakenItem,
} from './queue-store';
import { waitingOf } from './stored-update';

export interface QueueSettings {
  readonly mode: QueueMode;
  /** How many may wait, in all records together. */
  readonly limit: number;
  /** Of one update as JSON, its message and its changes together. */
  readonly largestBytes: number;
  /** Beyond that: refuse the new one, or let the oldest leave as superseded. */
  readonly whenFull: 'refuse' | 'oldest';
  /** How often an update is handed on without being settled before it is given up. */
  readonly tries: number;
  readonly dispatch: Dispatch;
  /** `held`: batches only while updates are held, and for what has piled up then. */
  readonly batches: 'held' | 'always';
  readonly hold: HoldSettings;
}

export interface QueueSources {
  readonly time: Pick<Time, 'now'>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Asked so often before an outage counts as one. Whoever asks again with the same id gets the same answer. */
const TRIES = 2;

/** Late-comers are known as such for so long after the last update of their record. */
const MEMORY_MS = 24 * 3_600_000;

/** How many of the oldest records are looked at for an update that may leave. */
const OLDEST = 16;

const MINUTE_MS = 60_000;

/**
 * A queue of updates over any store. Everything rejects as the store does: with StoreUnavailable in an outage, with
 * InputError where a person has to do something. Throws RangeError for settings out of range.
 */
export function createRecordQueue(
  store: QueueStore,
  settings: QueueSettings,
  sources: QueueSources = { time: systemTime, random: Math.random },
): RecordQueue {
  checkSettings(settings);
  return new Queue(store, settings, sources);
}

class Queue implements RecordQueue {
  private readonly onSupersededs = new Set<(update: QueuedUpdate) => void>();
  private readonly onGivenUps = new Set<(givenUp: Omit<Taken, 'ticket'>) => void>();
  /** As it was seen last. */
  private hold: string | undefined;
  private peak = { minute: NaN, isNow: false };

  constructor(
    private readonly store: QueueStore,
    private readonly settings: QueueSettings,
    private readonly sources: QueueSources,
  ) {}

  async put(update: UpdateToQueue): Promise<PutResult> {
    const now = this.sources.time.now();
    checkUpdate(update, now, this.settings.largestBytes);
    const dropped: QueuedUpdate[] = [];
    try {
      const result = await this.putWaiting(arrived(update, now), dropped);
      if (result.state === 'superseded') return result;
      return { ...result, superseded: [...dropped, ...result.superseded] };
    } catch (error) {
      this.tellSuperseded(dropped);
      throw error;
    }
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
      if (item.deliveries > this.settings.tries) await this.giveUp(item);
      else given.push(takenOf(item));
    }
    await this.follow(state);
    const isMore = given.length < taken.length;
    return { taken: given, nextAt: isMore ? this.sources.time.now() : this.local(nextAt, state) };
  }

  beforeWrite({ record, token }: Ticket, fate: WriteFate): Promise<boolean> {
    const { leaseMs } = this.settings.dispatch;
    return again(() => this.store.note(record, token, JSON.stringify(fate), leaseMs));
  }

  async settle(ticket: Ticket, ending: TicketEnding): Promise<SettleResult> {
    if (ending.kind === 'again') return this.settleAgain(ticket, ending);
    const count = {
      ...(ending.kind === 'done' ? { done: 1 } : { givenUp: 1 }),
      ...settledCount(ending),
    };
    const isEnded = await this.end(ticket, count);
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

  onGivenUp(listener: (givenUp: Omit<Taken, 'ticket'>) => void): () => void {
    return listening(this.onGivenUps, listener);
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  /** Most often first as if nothing waited of the record. @param dropped what had to make room for it */
  private async putWaiting(newer: Waiting, dropped: QueuedUpdate[]): Promise<PutResult> {
    const { mode } = this.settings;
    const { record } = newer.update;
    const looks = mustLook(mode, newer.update);
    let slot = looks ? await again(() => this.store.look(record)) : undefined;
    for (;;) {
      const plan = plannedPut(mode, slot, newer);
      const limit = plan.isLate ? undefined : this.settings.limit;
      const result = await this.change({ ...plan.change, record, limit });
      if (result.kind === 'moved') slot = result.slot;
      else if (result.kind === 'full') dropped.push(await this.dropOldest());
      else if (result.kind === 'changed') {
        await this.follow(result.state);
        if (plan.isLate) return { state: 'superseded' };
        const durable = this.store.isDurable && result.saved;
        const state = plan.isMerged ? 'merged' : 'queued';
        return { state, durable, superseded: plan.superseded };
      }
    }
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
      // A write in doubt has to be judged.
      const at = items.findIndex(({ note }) => note === undefined);
      const item = items[at];
      if (item === undefined) continue;
      const result = await this.change({
        record,
        revision,
        at,
        remove: 1,
        count: { superseded: 1 },
      });
      return result.kind === 'changed' ? waitingOf(record, item).update : 'moved';
    }
    if (records.length === 0) return 'moved';
    throw queueFull(this.settings.limit);
  }

  private async settleAgain(
    { record, token }: Ticket,
    ending: TicketEnding & { readonly kind: 'again' },
  ): Promise<SettleResult> {
    let slot = await again(() => this.store.look(record));
    for (;;) {
      if (slot.run?.token !== token) return { state: 'late' };
      const back = backOf(waitingOf(record, slot.run.item), ending);
      const items = slot.items.map(item => waitingOf(record, item));
      const { mode } = this.settings;
      const combined = comeBack(mode, items, back, this.sources.time.now());
      const { superseded } = combined;
      const count = {
        again: 1,
        merged: items.length + 1 - combined.items.length - superseded.length,
        superseded: superseded.length,
        ...settledCount(ending),
      };
      const splice = spliceOf(items, combined.items);
      const { revision } = slot;
      const result = await this.change({ record, revision, ends: token, ...splice, count });
      if (result.kind === 'moved') slot = result.slot;
      else return this.cameBack(result, superseded, superseded.includes(back.update));
    }
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

  private async giveUp(item: TakenItem): Promise<void> {
    if (!(await this.end(item, { givenUp: 1 }))) return;
    const { update, deliveries, fate } = takenOf(item);
    // Handed on so often, and once more to nobody.
    const givenUp = { update, deliveries: deliveries - 1, fate };
    for (const listener of this.onGivenUps) listener(givenUp);
  }

  /** False: the run is not that token's any more. */
  private async end(
    { record, token }: Pick<Ticket, 'record' | 'token'>,
    count: Partial<Counters>,
  ): Promise<boolean> {
    const result = await this.change({ record, ends: token, count });
    if (result.kind !== 'changed') return false;
    await this.follow(result.state);
    return true;
  }

  private change(change: Pick<SlotChange, 'record'> & Partial<SlotChange>): Promise<ChangeResult> {
    const whole: SlotChange = {
      id: randomUUID(),
      revision: undefined,
      at: undefined,
      remove: 0,
      add: [],
      memory: undefined,
      memoryMs: MEMORY_MS,
      limit: undefined,
      ends: undefined,
      count: {},
      ...change,
    };
    return again(() => this.store.change(whole));
  }

  /** Whoever notices first sets the hold; who cannot leaves it to the next one. */
  private async follow(state: StoreState): Promise<void> {
    this.hold = state.hold;
    const { hold } = this.settings;
    const next = nextHold(state, hold, this.isPeak(state.now), this.sources.random);
    if (next === undefined) return;
    const isSet = await this.store
      .setHold(state.hold, next.text, next.heldUntil)
      .catch(() => false);
    if (isSet) this.hold = next.text;
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
    for (const update of updates) {
      for (const listener of this.onSupersededs) listener(update);
    }
  }
}

async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || tries >= TRIES) throw error;
    }
  }
}

function arrived(arriving: UpdateToQueue, now: number): Waiting {
  const { record, changes, version, eventAt, message, dueAt = 0 } = arriving;
  const counts = { acceptedAt: now, updates: 1, postponed: 0 };
  return {
    update: { record, changes, version, eventAt, message, ...counts },
    dueAt: dueAt > now ? dueAt : 0,
    deliveries: 0,
    note: undefined,
    times: undefined,
  };
}

function backOf(
  run: Waiting,
  { dueAt = 0, fate }: TicketEnding & { readonly kind: 'again' },
): Waiting {
  return {
    ...run,
    update: { ...run.update, postponed: run.update.postponed + 1 },
    dueAt,
    deliveries: 0,
    note: fate && JSON.stringify(fate),
  };
}

function takenOf(item: TakenItem): Taken {
  const { record, token, fence, expiresAt, deliveries } = item;
  const { update, note } = waitingOf(record, item);
  const fate = note === undefined ? undefined : (JSON.parse(note) as WriteFate);
  return { ticket: { record, token, fence, expiresAt }, update, deliveries, fate };
}

function settledCount({ metConflict }: TicketEnding): Pick<Counters, 'settled' | 'conflicts'> {
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

function queueFull(limit: number): InputError {
  return new InputError(
    'QUEUE_FULL',
    `The queue holds its limit of ${limit} waiting updates, so this one was not accepted. Check that updates leave the queue and are settled, raise the limit, or let the oldest be superseded.`,
  );
}

function checkSettings({ limit, largestBytes, tries, dispatch, hold }: QueueSettings): void {
  checkCount('limit', limit);
  checkCount('largestBytes', largestBytes);
  checkCount('tries', tries);
  checkCount('dispatch.parallel', dispatch.parallel);
  checkDuration('dispatch.leaseMs', dispatch.leaseMs);
  if (dispatch.batch !== undefined) {
    checkCount('dispatch.batch.size', dispatch.batch.size);
    checkDuration('dispatch.batch.pauseMs', dispatch.batch.pauseMs);
  }
  checkDuration('hold.shortestMs', hold.shortestMs);
  checkDuration('hold.longestMs - hold.shortestMs', hold.longestMs - hold.shortestMs + 1);
}

function checkCount(name: string, count: number): void {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`${name} must be a whole number from 1 on, not ${count}`);
  }
}

function checkDuration(name: string, ms: number): void {
  if (!(ms > 0 && ms < Infinity)) throw new RangeError(`${name} must be above 0 ms, not ${ms}`);
}
