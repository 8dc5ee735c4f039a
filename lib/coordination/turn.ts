import type { Mutex, MutexInterface } from 'async-mutex';
import type { NotAcquired } from './lock';
import type { SetTimer } from './timer';

/** What passes the mutex on, or why the place in its queue was given up. */
export type TurnOutcome = MutexInterface.Releaser | Exclude<NotAcquired['reason'], 'queue-full'>;

export interface TurnOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly setTimer: SetTimer;
  /** Told at once when the mutex is not free. */
  readonly onWait?: (() => void) | undefined;
  /** Called once. */
  readonly onEnd: (outcome: TurnOutcome) => void;
}

function noTimer(): void {
  // Nothing to cancel.
}

/** One waiter's place in the queue of a mutex. */
export class Turn {
  private isOver = false;
  private readonly cancelTimer: () => void;
  /** The signal, where it is listened to. */
  private readonly heard: AbortSignal | undefined;

  constructor(
    mutex: Mutex,
    private readonly options: TurnOptions,
  ) {
    const onTimer = (): void => {
      this.end('timeout');
    };
    // A free mutex is granted before any timer could fire, and before any signal but one of this very moment.
    const { signal } = options;
    this.cancelTimer = noTimer;
    if (mutex.isLocked()) {
      this.cancelTimer = options.setTimer(onTimer, options.waitMs);
      this.heard = signal;
      signal?.addEventListener('abort', this.onAbort);
      options.onWait?.();
    }
    void mutex.acquire().then(release => {
      if (signal?.aborted === true) this.end('aborted');
      // The mutex cannot take a waiter out of its queue: one that left in the meantime passes its turn on.
      if (this.isOver) release();
      else this.end(release);
    });
  }

  end(outcome: TurnOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimer();
    this.heard?.removeEventListener('abort', this.onAbort);
    this.options.onEnd(outcome);
  }

  private readonly onAbort = (): void => {
    this.end('aborted');
  };
}
