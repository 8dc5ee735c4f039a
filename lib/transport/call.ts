import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
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

const TRANSIENT: readonly number[] = [408, 421, 425, 500, 502, 503, 504];

/**
 * One request on its way through axios, which sees an opaque object: axios would copy the headers of a plain
 * one several times, and silently rewrite or drop values that it does not like. Private fields keep secrets
 * out of whatever prints an axios configuration.
 */
export class Call {
  readonly repeat: Repeat;
  readonly options: SendOptions;
  /** Milliseconds to wait before the next repeat, once decided. */
  waitMs = 0;
  readonly #dispatcher: Dispatcher;
  readonly #request: WireRequest;
  readonly #headers: string[];
  readonly #limits: CallLimits;

  /** @param headers names and values in turn, checked */
  constructor(
    repeat: Repeat,
    dispatcher: Dispatcher,
    request: WireRequest,
    headers: string[],
    options: SendOptions,
    limits: CallLimits,
  ) {
    this.repeat = repeat;
    this.options = options;
    this.#dispatcher = dispatcher;
    this.#request = request;
    this.#headers = headers;
    this.#limits = limits;
  }

  /** Sends the request once, for at most the time that is left. Rejects with FaultError. */
  exchange(): Promise<Answer> {
    const { requestTimeoutMs, maxResponseBytes: maxBytes, monotonic } = this.#limits;
    const timeoutMs = Math.min(requestTimeoutMs, this.options.remainingMs());
    if (!(timeoutMs > 0)) return Promise.reject(new FaultError(DEADLINE));
    const limits = { timeoutMs, maxBytes, signal: this.options.signal, monotonic };
    return exchange(this.#dispatcher, this.#dispatchOptions(), limits);
  }

  /** Whether an answer with this status ends the call. */
  accepts(status: number): boolean {
    if (this.repeat === 'once') return true;
    return !TRANSIENT.includes(status) && !(this.repeat === 'token' && status === 429);
  }

  #dispatchOptions(): Dispatcher.DispatchOptions {
    const { origin, pathname, search } = new URL(this.#request.url);
    const { method, body = null } = this.#request;
    return { origin, path: pathname + search, method, headers: this.#headers, body };
  }
}

const DEADLINE: Fault = {
  kind: 'fault',
  sent: 'no',
  code: 'DEADLINE',
  message: 'The time for this update was over before the request could be sent.',
  fatal: false,
};
