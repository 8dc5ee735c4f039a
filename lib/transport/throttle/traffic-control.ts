import type { Answer, Fault } from '../../outcome/answer';
import { isThrottling403 } from '../../outcome/throttling';
import type { RetryBudget } from '../../retry/budget';
import { parseRetryAfter } from '../../retry/retry-after';
import { MAX_TIMER_MS, type Time } from '../../retry/time';
import { abortedFault, deadlineFault, FaultError, throttledFault } from '../fault';
import type { Place, SendOptions, Traffic } from '../transport';
import { Admission } from './admission';
import type { ThrottleGate } from './gate';
import type { Waited } from './semaphore';

/** The settings that say how much may be sent. */
export interface TrafficSettings {
  readonly time: Time;
  readonly admission?: Admission;
  readonly gate?: ThrottleGate;
  readonly parallel?: number;
  readonly budget?: RetryBudget;
}

/**
 * Answers that name the time from which on the API takes requests again (RFC 9110 section 10.2.3, RFC 6585 section 4).
 * A 403 does so where it means that there were too many.
 */
const HOLDING: readonly number[] = [403, 413, 429, 503];

/** Answers that come from too much work. 412 and 409 are fast, healthy ones. */
const OVERLOAD: readonly number[] = [408, 429, 503, 504];

const LATE = deadlineFault('it was the turn of the request');

/**
 * Decides when a request to the API may leave, and learns from its answer. Without an admission that it shares it has
 * one of its own. Throws InputError `PARALLEL_INVALID`.
 */
export class TrafficControl implements Traffic {
  readonly #time: Time;
  readonly #admission: Admission;
  readonly #budget: RetryBudget | undefined;

  constructor({ time, admission, gate, parallel, budget }: TrafficSettings) {
    this.#time = time;
    this.#admission = admission ?? new Admission(time, gate).lease({ parallel }).admission;
    this.#budget = budget;
  }

  heldForMs(): number {
    return this.#admission.gate.heldForMs();
  }

  get limit(): number {
    return this.#admission.limit.limit;
  }

  get fullLimit(): number {
    return this.#admission.limit.full;
  }

  /** To be remembered by a request that leaves, and given back with its end. */
  get round(): number {
    return this.#admission.limit.round;
  }

  /**
   * Undefined: the request may leave now. Otherwise resolves when it may; rejects with FaultError (sent `no`)
   * `THROTTLED`, `DEADLINE` or `ABORTED`. Whoever may leave must tell its end.
   */
  enter(options: SendOptions): Promise<void> | undefined {
    if (this.heldForMs() > 0) return this.#wait(options);
    const { place } = options;
    if (place?.isHeld === true) return undefined;
    const { places } = this.#admission;
    if (places.tryEnter()) {
      place?.had();
      return undefined;
    }
    const { signal, stop = signal } = options;
    const turn = places.wait(options.remainingMs(), stop);
    options.onHeld?.('limited');
    return turn.then(waited => this.#recheck(waited, options));
  }

  /** Like `enter`, for what sends nothing itself but waits for a request that has no place of its own. */
  pass(options: SendOptions): Promise<void> | undefined {
    if (options.place !== undefined) return this.enter(options);
    return this.heldForMs() > 0 ? this.#waitAtGate(options) : undefined;
  }

  /** The end of a request that had left; `place` is the one that it was sent under. */
  ended(result: Answer | Fault, sentInRound: number, place?: Place): void {
    const { limit, places } = this.#admission;
    if (result.kind === 'answer') this.#holdFor(result);
    if (isOverload(result)) limit.overloaded(sentInRound);
    else if (result.kind === 'answer' && result.status < 500) {
      this.#budget?.earn();
      if (limit.answered()) places.letIn();
    }
    if (place === undefined) places.leave();
  }

  /** Nothing leaves meanwhile, so the place is for others. */
  async #wait(options: SendOptions): Promise<void> {
    options.place?.leave();
    await this.#waitAtGate(options);
    await this.enter(options);
  }

  /** The API may throttle by now. Then the place is for others, who may have to give up at once. */
  #recheck(waited: Waited, options: SendOptions): Promise<void> | undefined {
    if (waited !== 'in') throw new FaultError(waited === 'timeout' ? LATE : abortedFault(false));
    options.place?.had();
    if (this.heldForMs() === 0) return undefined;
    if (options.place === undefined) this.#admission.places.leave();
    return this.#wait(options);
  }

  /** Looks again after each wait: another answer may have made it longer. */
  async #waitAtGate(options: SendOptions): Promise<void> {
    for (let ms = this.heldForMs(); ms > 0; ms = this.heldForMs()) {
      if (ms >= options.remainingMs() || ms > MAX_TIMER_MS)
        throw new FaultError(throttledFault(ms));
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

  #holdFor(answer: Answer): void {
    const { status, headers } = answer;
    if (!HOLDING.includes(status) || (status === 403 && !isThrottling403(answer))) return;
    const ms = parseRetryAfter(headers['retry-after'], headers.date, this.#time.now());
    if (ms !== undefined) this.#admission.gate.hold(ms);
  }
}

function isOverload(result: Answer | Fault): boolean {
  if (result.kind === 'fault') return result.code === 'TIMEOUT';
  return OVERLOAD.includes(result.status) || isThrottling403(result);
}
