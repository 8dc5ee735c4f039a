import { InputError } from '../../errors';
import { again, changeOf } from './asking';
import { checkUpdate } from './check-update';
import type { Waiting } from './combine';
import type { Following } from './following';
import type { Listeners } from './listeners';
import { mustLook, plannedPuts, type PlannedPuts } from './planned-put';
import { PutLines } from './put-lines';
import type { PutResult, QueuedUpdate, UpdateToQueue } from './queue';
import type { QueueSettings } from './queue-settings';
import type { QueueStore } from './queue-store';
import { waitingOf } from './stored-update';

/** How many of the oldest records are looked at for an update that may leave. */
const OLDEST = 16;

const NONE: readonly never[] = [];

/** How updates come into the queue. */
export class Putting {
  private readonly lines = new PutLines((record, newer) => this.putAll(record, newer));

  constructor(
    private readonly store: QueueStore,
    private readonly settings: QueueSettings,
    private readonly following: Following,
    private readonly onSuperseded: Listeners<QueuedUpdate>,
  ) {}

  put(update: UpdateToQueue): Promise<PutResult> {
    const now = this.following.now();
    try {
      checkUpdate(update, now, this.settings.largestBytes);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return this.lines.put(arrived(update, now, this.following.aheadMs));
  }

  /**
   * Most often first as if nothing waited of the record. Undefined: there is no room for all of several; nothing was done.
   */
  private async putAll(
    record: string,
    newer: readonly Waiting[],
  ): Promise<readonly PutResult[] | undefined> {
    const { store, settings } = this;
    const { limit } = settings;
    let dropped: readonly QueuedUpdate[] = NONE;
    try {
      const looks = newer.some(({ update }) => mustLook(settings.mode, update));
      let slot = looks ? await again(() => store.look(record)) : undefined;
      for (;;) {
        const { change, puts } = plannedPuts(settings, slot, newer);
        const result = await store.change(changeOf(record, change, { limit }));
        if (result.kind === 'moved') slot = result.slot;
        if (result.kind === 'full' && newer.length > 1) return undefined;
        if (result.kind === 'full') dropped = [...dropped, await dropOldest(store, settings)];
        if (result.kind !== 'changed') continue;
        const following = this.following.follow(result.state);
        if (following !== undefined) await following;
        const durable = store.isDurable && result.saved;
        const results = puts.map(put => resultOf(put, durable));
        return dropped.length === 0 ? results : this.withDropped(dropped, results);
      }
    } catch (error) {
      // What had to make room for it has left all the same.
      this.onSuperseded.tellOne(...dropped);
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
    this.onSuperseded.tellOne(...dropped);
    return results;
  }
}

function resultOf(
  { isLate, isMerged, superseded }: PlannedPuts['puts'][number],
  durable: boolean,
): PutResult {
  if (isLate) return { state: 'superseded' };
  return { state: isMerged ? 'merged' : 'queued', durable, superseded };
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

/** The oldest update that may leave makes room for another one. Throws InputError `QUEUE_FULL` where none may. */
async function dropOldest(
  store: QueueStore,
  { whenFull, limit }: Pick<QueueSettings, 'whenFull' | 'limit'>,
): Promise<QueuedUpdate> {
  if (whenFull === 'refuse') throw queueFull(limit);
  for (;;) {
    const records = await again(() => store.oldest(OLDEST));
    const dropped = await dropOneOf(store, records);
    if (dropped === undefined && records.length > 0) throw queueFull(limit);
    if (dropped !== undefined && dropped !== 'moved') return dropped;
  }
}

/** Undefined: none of them may leave. */
async function dropOneOf(
  store: QueueStore,
  records: readonly string[],
): Promise<QueuedUpdate | 'moved' | undefined> {
  for (const record of records) {
    const { revision, items } = await again(() => store.look(record));
    const waiting = items.map(item => waitingOf(record, item));
    // A write in doubt has to be judged, and what cannot be read be seen by a person.
    const at = waiting.findIndex(({ note, unread }) => note === undefined && unread === undefined);
    const oldest = waiting[at];
    if (oldest === undefined) continue;
    const result = await store.change(
      changeOf(record, { revision, at, remove: 1, count: { superseded: 1 } }),
    );
    return result.kind === 'changed' ? oldest.update : 'moved';
  }
  return undefined;
}

function queueFull(limit: number): InputError {
  return new InputError(
    'QUEUE_FULL',
    `The queue holds its limit of ${limit} waiting updates, so this one was not accepted. Check that updates leave the queue and are settled, raise the limit, or let the oldest be superseded.`,
  );
}
