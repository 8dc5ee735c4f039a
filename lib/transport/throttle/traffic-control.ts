import { InputError } from '../../errors';
import type { Answer, Fault } from '../../outcome/answer';
import { AbortWatch } from '../abort-watch';
import type { RetryBudget } from '../../retry/budget';
import { parseRetryAfter } from '../../retry/retry-after';
import { Semaphore, type Waited } from './semaphore';
import type { Time } from '../../retry/time';
import { abortedFault, deadlineFault, FaultError, throttledFault } from '../fault';
import type { SendOptions, Traffic } from '../transport';
import { AdaptiveLimit } from './adaptive-limit';
import { createThrottleGate, type ThrottleGate } from './gate';

/** The settings that say how much may be sent. */
export interface TrafficSettings {
  readonly time: Time;
  readonly gate?: ThrottleGate;
  readonly parallel?: number;
  readonly budget?: RetryBudget;
  /** Told when the API asks for a longer pause than its credential is held; `ms` is what it asks for. */
  readonly onLongHold?: (ms: number) => void;
}

/** Answers that name the time from which on the API takes requests again (RFC 9110 section 10.2.3, RFC 6585 section 4). */
const HOLDING: readonly number[] = [413, 429, 503];

/** Answers that come from too much work. 412 and 409 are fast, healthy ones. */
const OVERLOAD: readonly number[] = [408, 429, 503, 504];

const LATE = deadlineFault('it was the turn of the request');

/**
 * Decides when a request to the API may leave, and learns from its answer. Without `parallel` only the gate counts.
 * Throws InputError `PARALLEL_INVALID`.
 */
export class TrafficControl implements Traffic {
  readonly #time: Time;
  readonly #gate: ThrottleGate;
  readonly #budget: RetryBudget | undefined;
  readonly #onLongHold: TrafficSettings['onLongHold'];
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #semaphore: Semaphore | undefined;

  constructor(settings: TrafficSettings, aborts = new AbortWatch()) {
    const { time, gate, parallel, budget, onLongHold } = settings;
    this.#time = time;
    this.#gate = gate ?? createThrottleGate(time);
    this.#budget = budget;
    this.#onLongHold = onLongHold;
    if (parallel === undefined) return;
    const adaptive = new AdaptiveLimit(checkParallel(parallel));
    this.#adaptive = adaptive;
    this.#semaphore = new Semaphore({ limit: () => adaptive.limit, aborts });
  }

  heldForMs(): number {
    return this.#gate.heldForMs();
  }

  get limit(): number {
    return this.#adaptive?.limit ?? Infinity;
  }

  get fullLimit(): number {
    return this.#adaptive?.full ?? Infinity;
  }

  /** To be remembered by a request that leaves, and given back with its end. */
  get round(): number {
    return this.#adaptive?.round ?? 0;
  }

  /**
   * Undefined: the API takes requests. Otherwise resolves when it does again; rejects with FaultError (sent `no`)
   * `THROTTLED` when that is beyond the time left, or `ABORTED`.
   */
  pass(options: SendOptions): Promise<void> | undefined {
    return this.#gate.heldForMs() > 0 ? this.#waitAtGate(options) : undefined;
  }

  /**
   * Undefined: the request may leave now. Otherwise resolves when it may; rejects with FaultError (sent `no`)
   * `THROTTLED`, `DEADLINE` or `ABORTED`. Whoever may leave must tell its end.
   */
  enter(options: SendOptions): Promise<void> | undefined {
    if (this.#gate.heldForMs() > 0) return this.#wait(options);
    const semaphore = this.#semaphore;
    if (semaphore === undefined || semaphore.tryEnter()) {
      this.#gate.left();
      return undefined;
    }
    const { signal, stop = signal } = options;
    const turn = semaphore.wait(options.remainingMs(), stop);
    options.onHeld?.('limited');
    return turn.then(waited => this.#recheck(waited, options));
  }

  /** The end of a request that had left. */
  ended(result: Answer | Fault, sentInRound: number): void {
    if (result.kind === 'answer') {
      this.#gate.answered();
      this.#holdFor(result);
    }
    if (isOverload(result)) this.#adaptive?.overloaded(sentInRound);
    else if (result.kind === 'answer' && result.status < 500) {
      this.#budget?.earn();
      this.#adaptive?.answered();
    }
    this.#semaphore?.leave();
  }

  async #wait(options: SendOptions): Promise<void> {
    await this.#waitAtGate(options);
    await this.enter(options);
  }

  /** The API may throttle by now. Then the place is for others, who may have to give up at once. */
  #recheck(waited: Waited, options: SendOptions): Promise<void> | undefined {
    if (waited !== 'in') throw new FaultError(waited === 'timeout' ? LATE : abortedFault(false));
    if (this.#gate.heldForMs() === 0) {
      this.#gate.left();
      return undefined;
    }
    this.#semaphore?.leave();
    return this.#wait(options);
  }

  /** Looks again after each wait: another answer may have made it longer. */
  async #waitAtGate(options: SendOptions): Promise<void> {
    for (let ms = this.#gate.heldForMs(); ms > 0; ms = this.#gate.heldForMs()) {
      if (ms >= options.remainingMs()) throw new FaultError(throttledFault(ms));
      options.onHeld?.('throttled');
      await this.#sleep(ms, options.stop ?? options.signal);
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#time.sleep(Math.ceil(ms), signal);
    } catch {
      throw new FaultError(abortedFault(false));
    }
  }

  #holdFor({ status, headers }: Answer): void {
    if (!HOLDING.includes(status)) return;
    const ms = parseRetryAfter(headers['retry-after'], headers.date, this.#time.now());
    if (ms !== undefined && this.#gate.hold(ms)) this.#onLongHold?.(ms);
  }
}

function isOverload(result: Answer | Fault): boolean {
  return result.kind === 'answer' ? OVERLOAD.includes(result.status) : result.code === 'TIMEOUT';
}

function checkParallel(parallel: number): number {
  if (Number.isInteger(parallel) && parallel >= 1) return parallel;
  throw new InputError(
    'PARALLEL_INVALID',
    'The number of parallel requests is not usable: give a whole number, 1 or more.',
  );
}
