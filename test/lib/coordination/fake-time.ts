import type { SetTimer, Time } from '../../../lib/retry/time';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that passes when told to. Its wall clock can be set. */
export class FakeTime implements Pick<Time, 'now' | 'monotonic'> {
  private passed = 0;
  private offset: number;
  private readonly timers = new Set<Timer>();

  constructor(wall = Date.UTC(2026, 10, 21, 6)) {
    this.offset = wall;
  }

  readonly now = (): number => this.passed + this.offset;
  readonly monotonic = (): number => this.passed;

  readonly setTimer: SetTimer = (callback, ms) => {
    const timer = { at: this.passed + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  get timerCount(): number {
    return this.timers.size;
  }

  /** Sets the wall clock only. */
  setWall(wall: number): void {
    this.offset = wall - this.passed;
  }

  pass(ms: number): void {
    const end = this.passed + ms;
    for (let next = this.nextUntil(end); next !== undefined; next = this.nextUntil(end)) {
      this.timers.delete(next);
      this.passed = Math.max(this.passed, next.at);
      next.callback();
    }
    this.passed = end;
  }

  private nextUntil(end: number): Timer | undefined {
    return [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
