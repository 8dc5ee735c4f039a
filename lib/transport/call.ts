import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import { MAX_TIMER_MS } from '../retry/time';
import { exchange, type ExchangeObserver } from './exchange';
import { deadlineFault, FaultError } from './fault';
import { readSecretHeaders, type SecretReceiver } from './session/secret-headers';
import type { TrafficControl } from './throttle/traffic-control';
import type { SendOptions, WireRequest } from './transport';

/** `once` for writes: those are repeated by the update loop alone. A token request also waits out a 429. */
export type Repeat = 'once' | 'read' | 'token';

export interface CallLimits {
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly monotonic: () => number;
}

export interface CallParts {
  readonly repeat: Repeat;
  readonly dispatcher: Dispatcher;
  readonly request: WireRequest;
  /** The request's URL, parsed. */
  readonly target: URL;
  /** Names and values in turn, checked. */
  readonly headers: string[];
  readonly options: SendOptions;
  readonly limits: CallLimits;
  /** Absent: the request leaves at once, and its answer says nothing about the API. */
  readonly traffic?: TrafficControl;
  /** Absent: cookies and tokens in answers are dropped. */
  readonly receiver?: SecretReceiver | undefined;
}

const TRANSIENT: readonly number[] = [408, 421, 425, 500, 502, 503, 504];

/**
 * One request on its way through axios, which sees an opaque object: axios would copy the headers of a plain
 * one several times, and silently rewrite or drop values that it does not like. Private fields keep secrets
 * out of whatever prints an axios configuration.
 */
export class Call implements ExchangeObserver {
  /** Milliseconds to wait before the next repeat, once decided. */
  waitMs = 0;
  readonly #parts: CallParts;
  #round = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get repeat(): Repeat {
    return this.#parts.repeat;
  }

  get options(): SendOptions {
    return this.#parts.options;
  }

  /** Whether there is nothing left to repeat the request for. */
  get isServed(): boolean {
    return this.#parts.receiver?.isServed === true;
  }

  /** Sends the request once, when it may leave, for at most the time that is left. Rejects with FaultError. */
  exchange(): Promise<Answer> {
    const waiting = this.#parts.traffic?.enter(this.#parts.options);
    return waiting === undefined ? this.#leave() : waiting.then(() => this.#leave());
  }

  onHead(raw: readonly Buffer[]): void {
    const { receiver } = this.#parts;
    const secrets = receiver && readSecretHeaders(raw);
    if (secrets !== undefined) receiver?.receive(secrets);
  }

  onEnd(result: Answer | Fault): void {
    this.#parts.traffic?.ended(result, this.#round);
  }

  /** Whether an answer with this status ends the call; otherwise it is repeated. */
  accepts(status: number): boolean {
    return !TRANSIENT.includes(status) && !(this.repeat === 'token' && status === 429);
  }

  #leave(): Promise<Answer> {
    const { dispatcher, options, limits, traffic } = this.#parts;
    if (traffic !== undefined) this.#round = traffic.round;
    const timeoutMs = Math.min(limits.requestTimeoutMs, options.remainingMs(), MAX_TIMER_MS);
    if (!(timeoutMs > 0)) {
      this.onEnd(DEADLINE);
      return Promise.reject(new FaultError(DEADLINE));
    }
    return exchange(dispatcher, this.#dispatchOptions(), {
      timeoutMs,
      maxBytes: limits.maxResponseBytes,
      signal: options.signal,
      stop: options.stop,
      monotonic: limits.monotonic,
      observer: this,
    });
  }

  #dispatchOptions(): Dispatcher.DispatchOptions {
    const { request, target, headers } = this.#parts;
    const { method, body = null } = request;
    return { origin: target.origin, path: target.pathname + target.search, method, headers, body };
  }
}

const DEADLINE = deadlineFault('the request could be sent');
