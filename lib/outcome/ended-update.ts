import type { Fields } from '../record/fields';
import type { RecordRef } from '../record/ref';
import type { UpdateResult } from './outcome';

/** One update that has ended, or one pass of a wired loop (outcome `retry`): for whoever counts. */
export interface EndedUpdate {
  readonly ref: RecordRef;
  readonly result: UpdateResult;
  /** The values of the record as it was seen last; undefined: nothing has shown it. */
  readonly values: Fields | undefined;
  /** Passes of a wired loop before this one; 0: it resolved by itself, or this is the first pass. */
  readonly earlierPasses: number;
}
