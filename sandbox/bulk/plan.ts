import type { ApiRequest, Reply } from '../http/reply';
import type { RecordApi } from '../records/record-api';

/** One operation of a request for many records, as a request of its own. */
export interface Part {
  /** Tells the parts of one request apart. */
  readonly id: string;
  /** Its path is absolute; host, sign-in and session are those of the envelope. */
  readonly request: ApiRequest;
  /** The answer, when it is known without trying. */
  readonly refusal?: Reply;
  /** Ids of parts and names of units that must have succeeded before. */
  readonly needs?: readonly string[];
}

/** Parts that hold together or not at all, or a part alone. */
export interface Unit {
  readonly parts: readonly Part[];
  readonly isAtomic: boolean;
  /** What parts name in `needs`. */
  readonly name?: string;
}

export interface PartResult {
  readonly part: Part;
  readonly reply: Reply;
}

export interface UnitResult {
  readonly unit: Unit;
  /** What each of the parts is told, in their order. */
  readonly results: readonly PartResult[];
  /** The first part that failed; of an atomic unit, all parts were rolled back because of it. */
  readonly failed: PartResult | undefined;
}

/** What becomes of one request for many records. */
export interface Plan {
  /** In the order in which they are carried out. */
  readonly units: readonly Unit[];
  /** Whether the units after one that failed are left out. */
  readonly stopsAtError: boolean;
  /** The answer; units that were left out are not among the results. */
  answer(results: readonly UnitResult[]): Reply;
  /** Told the answer that goes out instead, when the time was up. */
  onOvertime?(reply: Reply): void;
}

/** A place that takes requests for many records. */
export interface BatchEndpoint {
  /** The APIs whose records the parts may name; the first spells the errors of the envelope. */
  readonly apis: readonly [RecordApi, ...RecordApi[]];
  serves(path: string): boolean;
  /** What to do, or the answer when there is nothing to do. */
  plan(request: ApiRequest): Plan | Reply;
  /** The refusal of a batch whose execution takes too long, where the API has one of its own. */
  readonly overtime?: (() => Reply) | undefined;
}

/** Whether an answer says that the request was not carried out; a connection that was reset has no status. */
export function isFailure({ status }: Reply): boolean {
  return status < 200 || (status >= 300 && status !== 304);
}
