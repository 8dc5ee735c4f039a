import type { RecordRef } from '../record/ref';
import type { UpdateResult } from './outcome';

/** One update that has ended, or one pass of a wired loop (outcome `retry`): for whoever counts. */
export interface EndedUpdate {
  readonly ref: RecordRef;
  readonly result: UpdateResult;
  /** Of what type the record is: what a field of it says, else its collection. At most 64 characters. */
  readonly type: string;
  /** Of a wired loop, and not its first pass. */
  readonly isLaterPass: boolean;
  /** The passes before had met a conflict. */
  readonly metEarlier: boolean;
}
