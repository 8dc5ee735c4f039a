import type { AbortWatch, OnAbort } from '../abort-watch';
import { MAX_TIMER_MS } from '../../retry/time';

/** How a wait for a place ended: in one, or why it was given up. */
export type Waited = 'in' | 'timeout' | 'aborted';

export interface SemaphoreOptions {
  /** How many places there are at present; it may change between any two calls. */
  readonly limit: () => number;
  readonly aborts: AbortWatch;
  /** Told when a place is free that nobody here waits for. */
  readonly onFree?: () => void;
}

/** Lets so many in at a time, first come, first served. Who waits may leave the queue: late or aborted. */
export class Semaphore {
  readonly #options: SemaphoreOptions;
  readonly #queue = new Set<Waiter>();
  #inside = 0;

  constructor(options: SemaphoreOptions) {
    this.#options = options;
  }

  /** Takes a place that is free; true: in. Nobody who waits is overtaken. */
  tryEnter(): boolean {
    if (this.#queue.size > 0 || this.#inside >= this.#options.limit()) return false;
    this.#inside++;
    return true;
  }

  /** Waits for a place for that long; more than a timer can wait counts as the most it can. */
  wait(waitMs: number, signal: AbortSignal | undefined): Promise<Waited> {
    if (signal?.aborted === true) return Promise.resolve('aborted');
    const waiting = new Promise<Waited>(resolve => {
      this.#queue.add(new Waiter(this.#options, this.#queue, waitMs, signal, resolve));
    });
    return waiting.then(waited => this.#admit(waited, signal));
  }

  /** To be called once by everyone who got in. */
  leave(): void {
    this.#inside--;
    this.letIn();
  }

  /** Lets in whom there is a place for: to be called when the limit has grown. */
  letIn(): void {
    const { limit, onFree } = this.#options;
    for (const waiter of this.#queue) {
      if (this.#inside >= limit()) return;
      this.#inside++;
      waiter.end('in');
    }
    if (this.#inside < limit()) onFree?.();
  }

  /** Aborted at the very moment of being let in: the place is for the next one. */
  #admit(waited: Waited, signal: AbortSignal | undefined): Waited {
    if (waited !== 'in' || signal?.aborted !== true) return waited;
    this.leave();
    return 'aborted';
  }
}

/**
 * One place in the queue. At full load every request passes here, so it costs one promise, one timer and one listener,
 * and no closures but those of its promise.
 */
class Waiter implements OnAbort {
  readonly #aborts: AbortWatch;
  readonly #queue: Set<Waiter>;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #resolve: (waited: Waited) => void;

  constructor(
    { aborts }: SemaphoreOptions,
    queue: Set<Waiter>,
    waitMs: number,
    signal: AbortSignal | undefined,
    resolve: (waited: Waited) => void,
  ) {
    this.#aborts = aborts;
    this.#queue = queue;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#timer = setTimeout(leaveLate, Math.min(waitMs, MAX_TIMER_MS), this);
    if (signal !== undefined) aborts.add(signal, this);
  }

  late(): void {
    this.end('timeout');
  }

  aborted(): void {
    this.end('aborted');
  }

  end(waited: Waited): void {
    this.#queue.delete(this);
    clearTimeout(this.#timer);
    if (this.#signal !== undefined) this.#aborts.delete(this.#signal, this);
    this.#resolve(waited);
  }
}

function leaveLate(waiter: Waiter): void {
  waiter.late();
}
