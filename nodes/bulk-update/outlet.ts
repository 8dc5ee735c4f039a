import type { StopError } from '../../lib/errors';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { Snapshot } from '../../lib/record/snapshot';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';

/** What `msg.update` holds of one record of many. */
export interface BulkResult extends UpdateResult {
  /** Places in the list, from 0, of the items that it is about: several were merged in this order. */
  readonly items: readonly number[];
}

/** One record that is over. */
export interface Over {
  /** Of the record, in the order of the list. */
  readonly group: number;
  readonly result: BulkResult;
  readonly record: Snapshot | undefined;
}

/** Where the results of a run go. */
export interface Outlet {
  /** @param count of records */
  begin(count: number): void;
  put(over: Over): void;
  /** The flow stops, and the record of these items is not over. */
  stopped(items: readonly number[], error: StopError): void;
  /** All of them have been put. */
  end(summary: BulkSummary): void;
  /** It ends otherwise: what has been put, and cannot go out any more. */
  abandon(): readonly UpdateResult[];
  /** Tells how far it is; the last one has the whole summary. */
  progress(summary: BulkSummary, share: number): void;
}
