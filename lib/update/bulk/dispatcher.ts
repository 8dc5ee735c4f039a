import type { Time } from '../../retry/time';

/** One request that may leave now; settles with its end and never rejects. */
export type Job = () => Promise<void>;

/** Records that wait for a request which they share. */
export interface Queue {
  /**
   * The next request, if there is one to be sent.
   * @param isQuiet nothing is under way, so that nobody else will come and share it
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

/**
 * Sends what waits in its queues: a full request at once, one with room left only when nothing is under way. The
 * first queue comes first: what has begun goes before what has not.
 */
export class Dispatcher {
  private readonly queues: Queue[] = [];
  private underWay = 0;
  private isAwake = false;

  constructor(private readonly parts: DispatcherParts) {
    parts.stop.addEventListener('abort', this.onStop);
  }

  private readonly onStop = (): void => {
    for (const queue of this.queues) queue.abandon();
  };

  add(queue: Queue): void {
    this.queues.push(queue);
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
    const isQuiet = this.underWay === 0;
    for (const queue of this.queues) {
      while (this.underWay < this.limit()) {
        const job = queue.next(isQuiet);
        if (job === undefined) break;
        void this.run(job);
      }
    }
  }

  /** With a pause between batches one goes at a time. */
  private limit(): number {
    return this.parts.pauseMs > 0 ? 1 : Math.max(1, this.parts.limit());
  }

  private async run(job: Job): Promise<void> {
    this.underWay += 1;
    await job();
    this.underWay -= 1;
    this.wake();
  }
}
