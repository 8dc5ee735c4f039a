import type { Fault } from '../outcome/answer';
import { MAX_TIMER_MS, type Time } from '../retry/time';
import { abortedFault, FaultError } from './fault';
import type { SendOptions } from './transport';

/** For one flight with all repeats: nobody's request bounds it, because many may wait for it. */
const FLIGHT_MS = 30_000;

/** Something that is fetched once for all who wait for it at the same time. */
export class SingleFlight<T> {
  readonly #fetch: (options: SendOptions) => Promise<T>;
  readonly #late: Fault;
  readonly #time: Pick<Time, 'monotonic'>;
  readonly #closing = new AbortController();
  #flight: Promise<T> | undefined = undefined;

  /** @param late for whom it takes too long */
  constructor(
    fetch: (options: SendOptions) => Promise<T>,
    late: Fault,
    time: Pick<Time, 'monotonic'>,
  ) {
    this.#fetch = fetch;
    this.#late = late;
    this.#time = time;
  }

  /** What is under way, else a fetch that begins now. */
  start(): Promise<T> {
    this.#flight ??= this.#begin().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  /**
   * Waits for it no longer than this one request can. Rejects with FaultError `ABORTED` or `late`; for a request that
   * was aborted before, nothing begins.
   */
  join({ signal: end, stop: signal = end, remainingMs }: SendOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new FaultError(abortedFault(false)));
        return;
      }
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        leave();
        reject(new FaultError(abortedFault(false)));
      };
      const onDeadline = () => {
        leave();
        reject(new FaultError(this.#late));
      };
      const timer = setTimeout(onDeadline, Math.min(remainingMs(), MAX_TIMER_MS));
      signal.addEventListener('abort', onAbort);
      this.start().then(resolve, reject).finally(leave);
    });
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort();
  }

  async #begin(): Promise<T> {
    const until = this.#time.monotonic() + FLIGHT_MS;
    const remainingMs = () => until - this.#time.monotonic();
    return this.#fetch({ signal: this.#closing.signal, remainingMs });
  }
}
