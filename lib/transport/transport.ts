import type { Answer, Fault } from '../outcome/answer';

export interface WireRequest {
  readonly method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'MERGE';
  /** Absolute; must stay on the endpoint's origin and base path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Milliseconds left for everything, tokens and repeats included. */
  readonly remainingMs: () => number;
}

/** Sends requests of one endpoint. Never throws for what the network or the API does. */
export interface Transport {
  /** A safe request: repeated on network faults and 5xx within the policy and the time left. */
  read(request: WireRequest, options: SendOptions): Promise<Answer | Fault>;
  /** Sent once; after a 401 with renewable credentials a second time, unchanged (a 401 was not applied). */
  write(request: WireRequest, options: SendOptions): Promise<Answer | Fault>;
  /** Takes no further requests; those under way may finish for `graceMs`, then they are cut. */
  close(graceMs?: number): Promise<void>;
}
