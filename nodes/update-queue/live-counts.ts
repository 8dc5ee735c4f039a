import type { QueueStats, RecordQueue } from '../../lib/coordination/queue/queue';
import type { StatusLine } from '../shared/status';

/** Milliseconds between two looks at a queue that something is in. */
const INTERVAL_MS = 500;

/** Shows what a queue holds as long as something is in it, whoever put it there. */
export class LiveCounts {
  /** As last counted. */
  latest: QueueStats | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  /** Settings in which another Node-RED differs. */
  private differing: readonly string[] = [];

  constructor(
    private readonly queue: Pick<RecordQueue, 'stats'>,
    private readonly status: StatusLine,
  ) {}

  /** Something has happened. */
  readonly touch = (): void => {
    if (this.isOver || this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.look(), INTERVAL_MS);
    this.timer.unref();
  };

  readonly differs = (settings: readonly string[]): void => {
    const isNews = settings.length > 0 || this.differing.length > 0;
    this.differing = settings;
    if (isNews) this.touch();
  };

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  /** A queue that cannot be asked is told of by whoever needs it. */
  private async look(): Promise<void> {
    const stats = await this.queue.stats().catch(() => undefined);
    this.timer = undefined;
    if (this.isOver) return;
    if (stats !== undefined) this.show(stats);
    if (stats === undefined || stats.waiting + stats.inFlight > 0) this.touch();
  }

  private show(stats: QueueStats): void {
    this.latest = stats;
    const { status } = this;
    const text = (): string => this.inWords(stats);
    if (this.differing.length > 0) status.waitingOn(text);
    else if (stats.isPaused || stats.heldUntil !== undefined) status.waitingOn(text);
    else if (stats.inFlight > 0) status.workingOn(text);
    else if (stats.waiting > 0) status.waitingOn(text);
    else status.done('idle');
  }

  /** Such as `paused · waiting 12 · in flight 3`. */
  private inWords({ waiting, inFlight, heldUntil, isPaused }: QueueStats): string {
    const { status } = this;
    const parts: string[] = [];
    if (this.differing.length > 0) {
      parts.push(status.translated('differs', { settings: this.differing.join(', ') }));
    }
    if (isPaused) parts.push(status.translated('paused', {}));
    if (heldUntil !== undefined) parts.push(status.translated('held', { time: clock(heldUntil) }));
    if (waiting > 0) parts.push(status.translated('waiting', { number: waiting }));
    if (inFlight > 0) parts.push(status.translated('in-flight', { number: inFlight }));
    return parts.join(' · ');
  }
}

/** Hours and minutes. @param at wall clock, milliseconds since the epoch */
function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 5);
}
