import type { Mutex, MutexInterface } from 'async-mutex';
import type { NotAcquired } from './lock';
import type { SetTimer } from './timer';

/** What passes the mutex on, or why the place in its queue was given up. */
export type TurnOutcome = MutexInterface.Releaser | Exclude<NotAcquired['reason'], 'queue-full'>;

export interface TurnOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly setTimer: SetTimer;
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

  constructor(
    mutex: Mutex,
    private readonly options: TurnOptions,
  ) {
    const onTimer = (): void => {
      this.end('timeout');
    };
    // A free mutex is granted before any timer could fire.
    this.cancelTimer = mutex.isLocked() ? options.setTimer(onTimer, options.waitMs) : noTimer;
    options.signal?.addEventListener('abort', this.onAbort);
    void mutex.acquire().then(release => {
      // The mutex cannot take a waiter out of its queue: one that left in the meantime passes its turn on.
      if (this.isOver) release();
      else this.end(release);
    });
  }

  end(outcome: TurnOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimer();
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.options.onEnd(outcome);
  }

  private readonly onAbort = (): void => {
    this.end('aborted');
  };
}
