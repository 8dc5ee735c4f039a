import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import type { RequestTarget } from '../record/url';
import { MAX_TIMER_MS } from '../retry/time';
import { exchange, type ExchangeObserver } from './exchange';
import type { AbortWatch } from './abort-watch';
import { deadlineFault, toFault } from './fault';
import { readSecretHeaders, type SecretReceiver } from './session/secret-headers';
import type { TrafficControl } from './throttle/traffic-control';
import type { SendOptions, WireRequest } from './transport';

/** `once` for writes: those are repeated by the update loop alone. A token request also waits out a 429. */
export type Repeat = 'once' | 'read' | 'token';

export interface CallLimits {
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  /** Of the endpoint. */
  readonly aborts: AbortWatch;
  readonly monotonic: () => number;
}

export interface CallParts {
  readonly repeat: Repeat;
  readonly dispatcher: Dispatcher;
  readonly request: WireRequest;
  /** Where the request's URL leads. */
  readonly target: RequestTarget;
  /** Names and values in turn, checked. */
  readonly headers: string[];
  readonly options: SendOptions;
  readonly limits: CallLimits;
  /** Absent: the request leaves at once, and its answer says nothing about the API. */
  readonly traffic?: TrafficControl;
  /** Absent: cookies and tokens in answers are dropped. */
  readonly receiver?: SecretReceiver | undefined;
}

/** One request that may be sent several times. Private fields keep its secrets out of whatever prints it. */
export class Call implements ExchangeObserver {
  readonly #parts: CallParts;
  #round = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get repeat(): Repeat {
    return this.#parts.repeat;
  }

  get signal(): AbortSignal {
    return this.#parts.options.signal;
  }

  remainingMs(): number {
    return this.#parts.options.remainingMs();
  }

  /** Whether there is nothing left to repeat the request for. */
  get isServed(): boolean {
    return this.#parts.receiver?.isServed === true;
  }

  /** Nothing is sent for some time. */
  rest(): void {
    this.#parts.options.place?.leave();
  }

  /** Sends the request once, when it may leave, for at most the time that is left. Never rejects. */
  exchange(): Promise<Answer | Fault> {
    const waiting = this.#parts.traffic?.enter(this.#parts.options);
    if (waiting === undefined) return this.#leave();
    return waiting.then(
      () => this.#leave(),
      (error: unknown) => toFault(error),
    );
  }

  onHead(raw: readonly Buffer[]): void {
    const { receiver } = this.#parts;
    const secrets = receiver && readSecretHeaders(raw);
    if (secrets !== undefined) receiver?.receive(secrets);
  }

  onEnd(result: Answer | Fault): void {
    const { traffic, options } = this.#parts;
    traffic?.ended(result, this.#round, options.place);
  }

  #leave(): Promise<Answer | Fault> {
    const { dispatcher, options, limits, traffic } = this.#parts;
    if (traffic !== undefined) this.#round = traffic.round;
    const timeoutMs = Math.min(limits.requestTimeoutMs, options.remainingMs(), MAX_TIMER_MS);
    if (!(timeoutMs > 0)) {
      this.onEnd(DEADLINE);
      return Promise.resolve(DEADLINE);
    }
    return exchange(dispatcher, this.#dispatchOptions(), {
      timeoutMs,
      maxBytes: limits.maxResponseBytes,
      signal: options.signal,
      stop: options.stop,
      aborts: limits.aborts,
      monotonic: limits.monotonic,
      observer: this,
    });
  }

  #dispatchOptions(): Dispatcher.DispatchOptions {
    const { request, target, headers } = this.#parts;
    const { method, body = null } = request;
    return { origin: target.origin, path: target.path, method, headers, body };
  }
}

const DEADLINE = deadlineFault('the request could be sent');
