import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import { MAX_TIMER_MS } from '../retry/time';
import { exchange } from './exchange';
import { FaultError } from './fault';
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
}

const TRANSIENT: readonly number[] = [408, 421, 425, 500, 502, 503, 504];

/**
 * One request on its way through axios, which sees an opaque object: axios would copy the headers of a plain
 * one several times, and silently rewrite or drop values that it does not like. Private fields keep secrets
 * out of whatever prints an axios configuration.
 */
export class Call {
  /** Milliseconds to wait before the next repeat, once decided. */
  waitMs = 0;
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get repeat(): Repeat {
    return this.#parts.repeat;
  }

  get options(): SendOptions {
    return this.#parts.options;
  }

  /** Sends the request once, for at most the time that is left. Rejects with FaultError. */
  exchange(): Promise<Answer> {
    const { dispatcher, options, limits } = this.#parts;
    const timeoutMs = Math.min(limits.requestTimeoutMs, options.remainingMs(), MAX_TIMER_MS);
    if (!(timeoutMs > 0)) return Promise.reject(new FaultError(DEADLINE));
    const { maxResponseBytes: maxBytes, monotonic } = limits;
    const { signal } = options;
    return exchange(dispatcher, this.#dispatchOptions(), {
      timeoutMs,
      maxBytes,
      signal,
      monotonic,
    });
  }

  /** Whether an answer with this status ends the call; otherwise it is repeated. */
  accepts(status: number): boolean {
    return !TRANSIENT.includes(status) && !(this.repeat === 'token' && status === 429);
  }

  #dispatchOptions(): Dispatcher.DispatchOptions {
    const { request, target, headers } = this.#parts;
    const { method, body = null } = request;
    return { origin: target.origin, path: target.pathname + target.search, method, headers, body };
  }
}

const DEADLINE: Fault = {
  kind: 'fault',
  sent: 'no',
  code: 'DEADLINE',
  message: 'The time for this update was over before the request could be sent.',
  fatal: false,
};
