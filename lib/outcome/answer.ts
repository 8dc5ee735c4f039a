/** One HTTP answer, fully read and bounded in size. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  /** Header names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The decoded body as text; empty when there was none. */
  readonly text: string;
  /** The parsed JSON body; undefined when the body is empty or not JSON. Integers beyond 2^53 are strings of their digits. */
  readonly json: unknown;
  /** Milliseconds from sending to the end of the body. */
  readonly roundTripMs: number;
}

/** Whether the status is 2xx. */
export function hasSucceeded({ status }: Pick<Answer, 'status'>): boolean {
  return status >= 200 && status <= 299;
}

/** No usable answer: what went wrong on the way. Never holds a secret. */
export interface Fault {
  readonly kind: 'fault';
  /** Whether the request may have reached the server. */
  readonly sent: 'no' | 'maybe';
  /** Node.js or our code, for example `ECONNRESET`, `TIMEOUT`, `ABORTED`, `RESPONSE_TOO_LARGE`, `THROTTLED`. */
  readonly code: string;
  readonly message: string;
  /** Repeating is pointless: certificate, invalid URL, oversized body. */
  readonly fatal: boolean;
  /** Only with `THROTTLED`: milliseconds until the API takes requests of this credential again. */
  readonly retryAfterMs?: number;
}
