import type { Answer, Fault } from '../../outcome/answer';
import { isThrottling403 } from '../../outcome/throttling';
import type { RetryBudget } from '../../retry/budget';
import { parseRetryAfter } from '../../retry/retry-after';
import type { Time } from '../../retry/time';
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
  /** Told when the API asks for a longer pause than its credential is held; `ms` is what it asks for. */
  readonly onLongHold?: (ms: number) => void;
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
  readonly #onLongHold: TrafficSettings['onLongHold'];

  constructor(settings: TrafficSettings) {
    const { time, admission, gate, parallel, budget, onLongHold } = settings;
    this.#time = time;
    this.#admission = admission ?? new Admission(time, gate).lease({ parallel }).admission;
    this.#budget = budget;
    this.#onLongHold = onLongHold;
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
    const { places, gate } = this.#admission;
    if (place?.isHeld === true) {
      gate.left();
      return undefined;
    }
    if (places.tryEnter()) {
      place?.had();
      gate.left();
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
    const { gate, limit, places } = this.#admission;
    if (result.kind === 'answer') {
      gate.answered();
      this.#holdFor(result);
    }
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
    if (this.heldForMs() === 0) {
      this.#admission.gate.left();
      return undefined;
    }
    if (options.place === undefined) this.#admission.places.leave();
    return this.#wait(options);
  }

  /** Looks again after each wait: another answer may have made it longer. */
  async #waitAtGate(options: SendOptions): Promise<void> {
    for (let ms = this.heldForMs(); ms > 0; ms = this.heldForMs()) {
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

  #holdFor(answer: Answer): void {
    const { status, headers } = answer;
    if (!HOLDING.includes(status) || (status === 403 && !isThrottling403(answer))) return;
    const ms = parseRetryAfter(headers['retry-after'], headers.date, this.#time.now());
    if (ms !== undefined && this.#admission.gate.hold(ms)) this.#onLongHold?.(ms);
  }
}

function isOverload(result: Answer | Fault): boolean {
  if (result.kind === 'fault') return result.code === 'TIMEOUT';
  return OVERLOAD.includes(result.status) || isThrottling403(result);
}
