import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import { parseJson } from '../record/json';
import type { AbortWatch, OnAbort } from './abort-watch';
import { readHeaders } from './answer-headers';
import { readBody, tooLarge } from './body';
import { abortedFault, FaultError, toFault } from './fault';

/** Told about one exchange before its promise settles, without a promise of its own. */
export interface ExchangeObserver {
  /** The head of the answer came: names and values in turn. */
  onHead(raw: readonly Buffer[]): void;
  /** The end, exactly once. */
  onEnd(result: Answer | Fault): void;
}

export interface ExchangeLimits {
  /** For connecting, sending and reading together. */
  readonly timeoutMs: number;
  /** Of the answer's body, as received and as decoded. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Ends the exchange as long as no connection is there for it. */
  readonly stop: AbortSignal | undefined;
  readonly aborts: AbortWatch;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  readonly observer: ExchangeObserver;
}

/** Sends one request once and reads its answer whole. Never rejects. */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
): Promise<Answer | Fault> {
  return new Promise(resolve => {
    const handler = new Exchange(resolve, limits);
    if (limits.signal.aborted || limits.stop?.aborted) {
      handler.aborted();
      return;
    }
    dispatcher.dispatch(request, handler);
    handler.waitForConnection();
  });
}

/**
 * The dispatcher's callbacks for one request. Raw callbacks cost a quarter less CPU than undici's wrapped ones,
 * and listening as an object saves the closures of every request.
 */
class Exchange implements Dispatcher.DispatchHandler, OnAbort {
  readonly #resolve: (result: Answer | Fault) => void;
  readonly #limits: ExchangeLimits;
  readonly #since: number;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  /** Listened to while there is no connection. */
  #stop: AbortSignal | undefined = undefined;
  #abortRequest: ((error?: Error) => void) | undefined = undefined;
  #started = false;
  #isOver = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #size = 0;

  constructor(resolve: (result: Answer | Fault) => void, limits: ExchangeLimits) {
    this.#resolve = resolve;
    this.#limits = limits;
    this.#since = limits.monotonic();
    this.#timer = setTimeout(timeOut, limits.timeoutMs, this);
    limits.aborts.add(limits.signal, this);
  }

  /** A connection that is free was taken already. As long as there is none, `stop` ends the exchange too. */
  waitForConnection(): void {
    if (this.#isOver || this.#started) return;
    const { stop, signal, aborts } = this.#limits;
    // Leaving the one would leave the other too.
    if (stop === undefined || stop === signal) return;
    this.#stop = stop;
    aborts.add(stop, this);
  }

  /** A connection is ours and the request leaves now. Throwing keeps it from leaving: after the end, and a second time. */
  onConnect(abort: (error?: Error) => void): void {
    if (this.#isOver || this.#started) throw new Error('Not to be sent any more.');
    this.#started = true;
    this.#leaveStop();
    this.#abortRequest = abort;
  }

  onHeaders(status: number, raw: Buffer[]): boolean {
    if (status < 200) return true; // An interim answer; the real one follows.
    this.#status = status;
    this.#headers = readHeaders(raw);
    this.#limits.observer.onHead(raw);
    if (Number(this.#headers['content-length']) > this.#limits.maxBytes) this.#refuseSize();
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxBytes) this.#refuseSize();
    else this.#chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    try {
      const text = this.#readBody();
      if (typeof text === 'string') this.#succeed(text);
      else void this.#succeedLater(text);
    } catch (error) {
      this.#fail(toFault(error, true));
    }
  }

  onError(error: unknown): void {
    if (!this.#isOver) this.#fail(toFault(error, this.#started));
  }

  /** By one of the signals. */
  aborted(): void {
    this.#fail(abortedFault(this.#started));
  }

  timeOut(): void {
    this.#fail(timeoutFault(this.#started, this.#limits.timeoutMs));
  }

  #readBody(): string | Promise<string> {
    return readBody(this.#chunks, {
      encoding: this.#headers['content-encoding'],
      type: this.#headers['content-type'],
      isExact: this.#status < 300,
      maxBytes: this.#limits.maxBytes,
    });
  }

  async #succeedLater(decoding: Promise<string>): Promise<void> {
    try {
      this.#succeed(await decoding);
    } catch (error) {
      this.#fail(toFault(error, true));
    }
  }

  #refuseSize(): void {
    this.#fail(tooLarge(this.#limits.maxBytes));
  }

  #succeed(text: string): void {
    if (!this.#end()) return;
    const answer: Answer = {
      kind: 'answer',
      status: this.#status,
      headers: this.#headers,
      text,
      json: parseJson(text),
      roundTripMs: this.#limits.monotonic() - this.#since,
    };
    this.#limits.observer.onEnd(answer);
    this.#resolve(answer);
  }

  #fail(fault: Fault): void {
    if (!this.#end()) return;
    this.#limits.observer.onEnd(fault);
    this.#resolve(fault);
    this.#abortRequest?.(new FaultError(fault));
  }

  /** False when the request had ended before. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#limits.aborts.delete(this.#limits.signal, this);
    this.#leaveStop();
    return true;
  }

  #leaveStop(): void {
    if (this.#stop === undefined) return;
    this.#limits.aborts.delete(this.#stop, this);
    this.#stop = undefined;
  }
}

function timeOut(exchange: Exchange): void {
  exchange.timeOut();
}

function timeoutFault(started: boolean, timeoutMs: number): Fault {
  const what = started ? 'There was no complete answer' : 'No connection could be had';
  const message = `${what} within ${String(Math.round(timeoutMs) / 1000)} s.`;
  return { kind: 'fault', sent: started ? 'maybe' : 'no', code: 'TIMEOUT', message, fatal: false };
}
