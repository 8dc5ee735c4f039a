import type { FaultName } from './faults/fault-rules';
import type { By } from './records/journal';

/** What the sandbox has done since it started. */
export interface Stats {
  /** Requests to the APIs and the token endpoint, by method. */
  readonly requests: Readonly<Record<string, number>>;
  /** Answers by status, as the API decided, also when the connection was cut. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Most requests in progress at one time. */
  readonly maxInFlight: number;
  /** Committed changes of all records, by author. */
  readonly changes: Readonly<Record<By, number>>;
  /** How often each fault struck. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  /** Tokens handed out. */
  readonly tokens: number;
  /** Fetches of a CSRF token. */
  readonly csrfTokens: number;
  /** Open sessions with SAP Gateway. */
  readonly sessions: number;
  /** Stored answers given to a repeated Idempotency-Key. */
  readonly replays: number;
  /** CPU time of the whole process since it started, in microseconds. */
  readonly cpuMicros: number;
}

/** Counts requests, answers and those in between. */
export class Counters {
  readonly requests: Record<string, number> = {};
  readonly statuses: Record<string, number> = {};
  maxInFlight = 0;
  private inFlight = 0;

  began(method: string): void {
    this.requests[method] = (this.requests[method] ?? 0) + 1;
    this.inFlight += 1;
    if (this.inFlight > this.maxInFlight) this.maxInFlight = this.inFlight;
  }

  ended(status: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.inFlight -= 1;
  }
}
