import type { Time } from '../../retry/time';

/** One request that may leave now; settles with its end and never rejects. */
export type Job = () => Promise<void>;

/** Records that wait for a request which they share. */
export interface Queue {
  /**
   * The next request, if there is one to be sent.
   * @param isQuiet nobody else is about to come and share it
   */
  next(isQuiet: boolean): Job | undefined;
  /** The flow stops: whoever waits is told so. */
  abandon(): void;
}

export interface DispatcherParts {
  readonly time: Time;
  readonly stop: AbortSignal;
  /** Requests that may be under way at a time, at the moment. */
  readonly limit: () => number;
  /** Milliseconds after every batch of writes in which nothing is sent. */
  readonly pauseMs: number;
}

/** Nobody is waited for longer, however long a request took that ran into a time-out. */
const LONGEST_MS = 1_000;

/**
 * Sends what waits in its queues: a full request at once, one with room left only when nothing is under way. Writes go
 * first: the sooner after its read, the fewer others one meets. Who meets others reads again, together with all who wait
 * for that.
 */
export class Dispatcher {
  /** By which records wait for their retries, so that others can wait for them. */
  readonly time: Time;
  private readonly queues: Partial<Record<'reads' | 'writes', Queue>> = {};
  /** How many records wake in a millisecond. */
  private readonly sleepers = new Map<number, number>();
  private underWay = 0;
  /** How long the latest request took, with the pause after it. */
  private latestMs = 0;
  private isAwake = false;

  constructor(private readonly parts: DispatcherParts) {
    const { time, stop } = parts;
    this.time = {
      now: () => time.now(),
      monotonic: () => time.monotonic(),
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
    stop.addEventListener('abort', this.onStop);
  }

  private readonly onStop = (): void => {
    for (const queue of Object.values(this.queues)) queue.abandon();
  };

  add(kind: 'reads' | 'writes', queue: Queue): void {
    this.queues[kind] = queue;
  }

  /** Nothing is sent any more. */
  close(): void {
    this.parts.stop.removeEventListener('abort', this.onStop);
  }

  /** From now on, somebody waits; to be called whenever it leaves, it tells for how long it has waited since. */
  waiter(onSent: (waitedMs: number) => void): () => void {
    const { time } = this.parts;
    let since: number | undefined = time.monotonic();
    return () => {
      if (since !== undefined) onSent(time.monotonic() - since);
      since = undefined;
    };
  }

  /** Looks at the queues once everybody who is about to join them has done so. */
  wake(): void {
    if (this.isAwake) return;
    this.isAwake = true;
    setImmediate(() => {
      this.isAwake = false;
      this.send();
    });
  }

  /** The end of a job after which nothing is sent for a while: caches behind the API may have to catch up. */
  async rest(): Promise<void> {
    const { time, stop, pauseMs } = this.parts;
    if (pauseMs === 0 || stop.aborted) return;
    await time.sleep(pauseMs, stop).catch(() => undefined);
  }

  private send(): void {
    const { writes, reads } = this.queues;
    this.sendFrom(writes, this.underWay === 0);
    this.sendFrom(reads, this.underWay === 0 && !this.expectsSomebody());
  }

  private sendFrom(queue: Queue | undefined, isQuiet: boolean): void {
    while (this.underWay < this.limit()) {
      const job = queue?.next(isQuiet);
      if (job === undefined) return;
      void this.run(job);
    }
  }

  /** To wait for whoever wakes that soon takes no longer than the request that this saves. */
  private expectsSomebody(): boolean {
    const until = this.parts.time.monotonic() + Math.min(this.latestMs, LONGEST_MS);
    for (const wakesAt of this.sleepers.keys()) if (wakesAt <= until) return true;
    return false;
  }

  private async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { time } = this.parts;
    const wakesAt = Math.ceil(time.monotonic() + ms);
    this.sleepers.set(wakesAt, (this.sleepers.get(wakesAt) ?? 0) + 1);
    try {
      await time.sleep(ms, signal);
    } finally {
      const left = (this.sleepers.get(wakesAt) ?? 1) - 1;
      if (left > 0) this.sleepers.set(wakesAt, left);
      else this.sleepers.delete(wakesAt);
      this.wake();
    }
  }

  /** With a pause between batches one goes at a time. */
  private limit(): number {
    return this.parts.pauseMs > 0 ? 1 : Math.max(1, this.parts.limit());
  }

  private async run(job: Job): Promise<void> {
    const { time } = this.parts;
    const since = time.monotonic();
    this.underWay += 1;
    await job();
    this.underWay -= 1;
    this.latestMs = time.monotonic() - since;
    this.wake();
  }
}
