import type { WriteFate } from '../../outcome/outcome';
import { conflictRate } from '../../retry/conflict-rate';
import { systemTime } from '../../retry/time';
import { again } from './asking';
import { Following } from './following';
import { Listeners } from './listeners';
import { Putting } from './putting';
import type {
  GivenUp,
  PutResult,
  QueuedUpdate,
  QueueStats,
  RecordQueue,
  SettleResult,
  Ticket,
  TicketEnding,
  UpdateToQueue,
} from './queue';
import { checkQueueSettings, type QueueSettings, type QueueSources } from './queue-settings';
import type { QueueStore } from './queue-store';
import { Settling } from './settling';
import { Taking } from './taking';

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
  private readonly superseded = new Listeners<QueuedUpdate>();
  private readonly givenUp = new Listeners<GivenUp>();
  private readonly following: Following;
  private readonly putting: Putting;
  private readonly taking: Taking;
  private readonly settling: Settling;

  constructor(
    private readonly store: QueueStore,
    private readonly settings: QueueSettings,
    sources: QueueSources,
  ) {
    const following = new Following(store, settings, sources);
    const settling = new Settling(store, settings, sources.random, following, this.superseded);
    this.putting = new Putting(store, settings, following, this.superseded);
    this.taking = new Taking(store, settings, following, settling, this.givenUp);
    this.following = following;
    this.settling = settling;
  }

  put(update: UpdateToQueue): Promise<PutResult> {
    return this.putting.put(update);
  }

  take(most: number): ReturnType<RecordQueue['take']> {
    return this.taking.take(most);
  }

  beforeWrite({ record, token }: Ticket, fate: WriteFate): Promise<boolean> {
    const { leaseMs } = this.settings.dispatch;
    return again(() => this.store.note(record, token, JSON.stringify(fate), leaseMs));
  }

  settle(ticket: Ticket, ending: TicketEnding, id?: string): Promise<SettleResult> {
    return this.settling.settle(ticket, ending, id);
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
      heldUntil: heldUntil > now ? this.following.local(heldUntil, state) : undefined,
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
    return this.superseded.add(listener);
  }

  onGivenUp(listener: (givenUp: GivenUp) => void): () => void {
    return this.givenUp.add(listener);
  }

  async close(): Promise<void> {
    await this.store.close();
  }
}
