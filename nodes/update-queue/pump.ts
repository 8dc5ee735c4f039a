import type { RecordQueue, Taken } from '../../lib/coordination/queue/queue';

/** How long a queue that cannot be asked is left alone. Milliseconds. */
const RETRY_MS = 1_000;

/** A timer waits no longer. */
const MAX_WAIT_MS = 2_147_483_647;

export interface PumpOptions {
  /** How many at a time. */
  readonly most: number;
  /** Another process may have made something due, and its word may get lost: looks at least so often. Undefined: nobody else can. */
  readonly lookEveryMs: number | undefined;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTaken: (taken: Taken) => void;
  /** What was taken when the flow had been stopped already. */
  readonly onTooLate: (taken: Taken) => Promise<unknown>;
  readonly onRound: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Takes from a queue whatever may be worked on, as soon as it may be. */
export class Pump {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** Something may have become due during a round. */
  private isWanted = false;
  private isOver = false;
  private readonly unwatch: () => void;

  constructor(
    private readonly queue: Pick<RecordQueue, 'take' | 'onWork'>,
    private readonly options: PumpOptions,
  ) {
    this.unwatch = queue.onWork(this.wake);
    this.wake();
  }

  readonly wake = (): void => {
    if (this.isOver) return;
    this.isWanted = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      // It came while this one was ending.
      if (this.isWanted) this.wake();
    });
  };

  /** Resolves when nothing is being taken any more. Tickets that were handed on stay valid. */
  async stop(): Promise<void> {
    this.isOver = true;
    this.unwatch();
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    let waitMs: number | undefined;
    while (this.isWanted && !this.isOver) {
      this.isWanted = false;
      waitMs = await this.round();
    }
    if (this.isOver || waitMs === undefined) return;
    this.timer = setTimeout(this.wake, waitMs);
    this.timer.unref();
  }

  /** @returns milliseconds until the next one; undefined: not before something happens */
  private async round(): Promise<number | undefined> {
    const { most, now, lookEveryMs = MAX_WAIT_MS, onRound, onFailure } = this.options;
    try {
      const { taken, nextAt } = await this.queue.take(most);
      await this.handOn(taken);
      onRound();
      if (taken.length === most) this.isWanted = true;
      const waitMs = nextAt === undefined ? MAX_WAIT_MS : Math.max(0, nextAt - now());
      return Math.min(waitMs, lookEveryMs, MAX_WAIT_MS);
    } catch (error) {
      onFailure(error);
      return RETRY_MS;
    }
  }

  private async handOn(taken: readonly Taken[]): Promise<void> {
    for (const one of taken) {
      // Asked for each: whatever gets the message may stop the flow.
      if (this.isStopped()) await this.options.onTooLate(one);
      else this.options.onTaken(one);
    }
  }

  private isStopped(): boolean {
    return this.isOver;
  }
}
