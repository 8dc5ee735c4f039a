import type { FaultName } from './faults/fault-rules';
import type { By } from './records/journal';

/** What the sandbox has done since it started. */
export interface Stats {
  /** Requests to the APIs and the token endpoint, by method. */
  readonly requests: Readonly<Record<string, number>>;
  /** Answers by status, as the API decided, also when the connection was cut. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Parts of requests for many records, by method; the request itself counts once, above. */
  readonly parts: Readonly<Record<string, number>>;
  /** What became of them, by status. */
  readonly partStatuses: Readonly<Record<string, number>>;
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
  readonly parts: Record<string, number> = {};
  readonly partStatuses: Record<string, number> = {};
  maxInFlight = 0;
  private inFlight = 0;

  began(method: string): void {
    add(this.requests, method);
    this.inFlight += 1;
    if (this.inFlight > this.maxInFlight) this.maxInFlight = this.inFlight;
  }

  ended(status: number): void {
    add(this.statuses, status);
    this.inFlight -= 1;
  }

  partEnded(method: string, status: number): void {
    add(this.parts, method);
    add(this.partStatuses, status);
  }
}

function add(counts: Record<string, number>, name: string | number): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
