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

/** What one take has given is handed on while the next one is under way. */
const MOST_TAKES = 2;

/** Takes from a queue whatever may be worked on, as soon as it may be. */
export class Pump {
  private timer: NodeJS.Timeout | undefined;
  private readonly rounds = new Set<Promise<void>>();
  private takes = 0;
  private asked = 0;
  /** When there may be more, as the take says that was asked for last of those that have ended. */
  private next = { saidBy: 0, at: 0 };
  /** Something may have become due since the latest take was asked for. */
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
    this.isWanted = this.takes === MOST_TAKES;
    if (this.isWanted) return;
    clearTimeout(this.timer);
    const round = this.round().finally(() => this.rounds.delete(round));
    this.rounds.add(round);
  };

  /** Resolves when nothing is being taken any more. Tickets that were handed on stay valid. */
  async stop(): Promise<void> {
    this.isOver = true;
    this.unwatch();
    clearTimeout(this.timer);
    await Promise.all(this.rounds);
  }

  private async round(): Promise<void> {
    const take = ++this.asked;
    const waitMs = await this.handedOn();
    if (take > this.next.saidBy) this.next = { saidBy: take, at: this.options.now() + waitMs };
    if (this.isWanted || waitMs === 0) this.wake();
    // The other one does, when it ends.
    if (!this.isOver && this.takes === 0) this.wakeLater(this.next.at - this.options.now());
  }

  private wakeLater(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.wake, Math.min(Math.max(0, ms), MAX_WAIT_MS));
    this.timer.unref();
  }

  /** @returns milliseconds until there may be more */
  private async handedOn(): Promise<number> {
    const { now, lookEveryMs = MAX_WAIT_MS, onRound, onFailure } = this.options;
    try {
      const { taken, nextAt } = await this.taken();
      await this.handOn(taken);
      onRound();
      const waitMs = nextAt === undefined ? MAX_WAIT_MS : Math.max(0, nextAt - now());
      return Math.min(waitMs, lookEveryMs, MAX_WAIT_MS);
    } catch (error) {
      onFailure(error);
      return RETRY_MS;
    }
  }

  private async taken(): ReturnType<RecordQueue['take']> {
    this.takes++;
    try {
      return await this.queue.take(this.options.most);
    } finally {
      this.takes--;
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
