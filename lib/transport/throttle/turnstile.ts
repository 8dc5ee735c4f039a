import { MAX_TIMER_MS } from '../../retry/time';
import type { AbortWatch, OnAbort } from '../abort-watch';
import { abortedFault, deadlineFault, FaultError } from '../fault';
import type { SendOptions } from '../transport';

const LATE = deadlineFault('it was the turn of the request');

/** Lets so many in at a time, first come, first served; then whoever may come in only when nobody waits here. */
export class Turnstile {
  readonly #limit: () => number;
  readonly #aborts: AbortWatch;
  readonly #onFree: (() => void) | undefined;
  readonly #queue = new Set<Waiter>();
  #inside = 0;

  /**
   * @param limit how many at present; it may change between any two calls
   * @param onFree called when a place is free that nobody waits for here
   */
  constructor(limit: () => number, aborts: AbortWatch, onFree?: () => void) {
    this.#limit = limit;
    this.#aborts = aborts;
    this.#onFree = onFree;
  }

  /** Undefined: in, at once. Otherwise resolves when in; rejects with FaultError `ABORTED` or `DEADLINE`. */
  enter(options: SendOptions): Promise<void> | undefined {
    return this.tryEnter() ? undefined : this.#wait(options);
  }

  /** False when all places are taken, or somebody waits for one. */
  tryEnter(): boolean {
    if (this.#queue.size > 0 || this.#inside >= this.#limit()) return false;
    this.#inside++;
    return true;
  }

  /** To be called once by everyone who got in. */
  leave(): void {
    this.#inside--;
    this.letIn();
  }

  /** Lets in whoever may come in: to be called when the limit has grown. */
  letIn(): void {
    for (const waiter of this.#queue) {
      if (this.#inside >= this.#limit()) return;
      this.#queue.delete(waiter);
      this.#inside++;
      waiter.letIn();
    }
    if (this.#inside < this.#limit()) this.#onFree?.();
  }

  #wait(options: SendOptions): Promise<void> {
    const { signal, stop = signal } = options;
    if (stop.aborted) return Promise.reject(new FaultError(abortedFault(false)));
    const letIn = new Promise<void>((resolve, reject) => {
      const waiter = new Waiter(options, this.#aborts, resolve, fault => {
        this.#queue.delete(waiter);
        reject(new FaultError(fault));
      });
      this.#queue.add(waiter);
    });
    return letIn.then(() => {
      this.#admit(stop);
    });
  }

  /** Aborted at the very moment of being let in: the place is for the next one. */
  #admit(stop: AbortSignal): void {
    if (!stop.aborted) return;
    this.leave();
    throw new FaultError(abortedFault(false));
  }
}

/**
 * One request in the queue. At full load every request passes here, so it costs one promise, one timer and one
 * listener, and no closures but those of its promise.
 */
class Waiter implements OnAbort {
  readonly #aborts: AbortWatch;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #resolve: () => void;
  readonly #giveUp: (fault: typeof LATE) => void;

  constructor(
    { signal, stop = signal, remainingMs }: SendOptions,
    aborts: AbortWatch,
    resolve: () => void,
    giveUp: (fault: typeof LATE) => void,
  ) {
    this.#aborts = aborts;
    this.#signal = stop;
    this.#resolve = resolve;
    this.#giveUp = giveUp;
    this.#timer = setTimeout(leaveLate, Math.min(remainingMs(), MAX_TIMER_MS), this);
    aborts.add(stop, this);
  }

  letIn(): void {
    this.#settle();
    this.#resolve();
  }

  late(): void {
    this.#leaveWith(LATE);
  }

  aborted(): void {
    this.#leaveWith(abortedFault(false));
  }

  #leaveWith(fault: typeof LATE): void {
    this.#settle();
    this.#giveUp(fault);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#aborts.delete(this.#signal, this);
  }
}

function leaveLate(waiter: Waiter): void {
  waiter.late();
}
