import type { Answer, Fault } from '../outcome/answer';

export interface WireRequest {
  readonly method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'MERGE';
  /** Absolute; must stay on the endpoint's origin and base path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SendOptions {
  /** Ends the request, also one that has left. */
  readonly signal: AbortSignal;
  /** Ends the request while it has not left, and fires no later than `signal`; absent: only `signal` ends it. */
  readonly stop?: AbortSignal;
  /** Milliseconds left for everything, tokens and repeats included. */
  readonly remainingMs: () => number;
  /** Told when the request has to wait for its turn: the API throttles, or too many are under way. */
  readonly onHeld?: (why: Held) => void;
  /** Of the update that sends it, which keeps its place from request to request. Absent: a place of its own. */
  readonly place?: Place | undefined;
}

/** One of the places for requests that may be under way at a time. */
export interface Place {
  readonly isHeld: boolean;
  /** A place was taken for it. */
  had(): void;
  /** Gives the place back, where it is held: nothing is sent for some time, or nothing more. */
  leave(): void;
}

/** Why a request waits before it leaves. */
export type Held = 'throttled' | 'limited';

/** How much the endpoint's API takes at present, for a live status. */
export interface Traffic {
  /** Milliseconds until requests of this credential may leave; 0: now. */
  heldForMs(): number;
  /** Requests that may be under way at a time. */
  readonly limit: number;
  /** The limit when nothing is wrong. */
  readonly fullLimit: number;
}

/** Sends requests of one endpoint. Never throws for what the network or the API does. */
export interface Transport {
  /** A safe request: repeated on network faults and 5xx within the policy and the time left. */
  read(request: WireRequest, options: SendOptions): Promise<Answer | Fault>;
  /**
   * Sent once; a second time, unchanged, after a 401 with renewable credentials or the refusal of a CSRF token that
   * could be renewed (neither was applied).
   */
  write(request: WireRequest, options: SendOptions): Promise<Answer | Fault>;
  readonly traffic: Traffic;
  /** Takes no further requests; those under way may finish for `graceMs`, then they are cut. */
  close(graceMs?: number): Promise<void>;
}
