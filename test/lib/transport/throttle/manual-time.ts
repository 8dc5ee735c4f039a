import type { Time } from '../../../../lib/retry/time';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualTime implements Time {
  #clock = 0;
  #sleepers = new Set<Sleeper>();

  now(): number {
    return Date.UTC(2026, 1, 8) + this.#clock;
  }

  monotonic(): number {
    return this.#clock;
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#clock + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort);
    });
  }

  advance(ms: number): void {
    this.#clock += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#clock) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
