import type { Answer } from '../outcome/answer';
import type { Attempt } from '../outcome/outcome';
import type { ResponseClass } from '../outcome/response-class';
import type { Snapshot } from '../record/snapshot';

/** The record as the API itself has shown it in its answer to a write. */
export interface ChainedRecord {
  readonly snapshot: Snapshot;
  /** With all numbers as they came. */
  readonly answer: Answer;
}

/** A lease of the record's turn holds it for whoever gets the turn straight from this hand. */
class Left {
  constructor(
    /** Other endpoints may show other fields, to other users. */
    readonly by: Chains,
    readonly record: () => ChainedRecord | undefined,
  ) {}
}

const REFUSALS: readonly ResponseClass[] = ['version-conflict', 'undetermined', 'state-conflict'];

/** So many refusals in a row show that trying does not pay: each costs the request that a success saves. */
const MOST_CREDIT = 4;
/** Then so many chances are left out. */
const REST = 50;

/** The chains of one endpoint, and whether they pay there. It holds no record itself. */
export class Chains {
  private credit = MOST_CREDIT;
  private resting = 0;

  /**
   * For whoever gets the turn straight from this hand.
   * @param record what the write has returned; asked for only where somebody does, which is seldom
   */
  leave(record: () => ChainedRecord | undefined): object {
    return new Left(this, record);
  }

  /** What the holder before has left, where it may be tried. */
  take(left: object | undefined): ChainedRecord | undefined {
    if (!(left instanceof Left) || left.by !== this) return undefined;
    if (this.resting === 0) return left.record();
    this.resting -= 1;
    return undefined;
  }

  /** Learns from an update what became of the first write on what it was given. */
  learn({ snapshot }: ChainedRecord, [first]: readonly Attempt[]): void {
    if (first?.versionSent !== snapshot.version) return;
    if (first.class === 'success') this.credit = Math.min(MOST_CREDIT, this.credit + 1);
    if (!REFUSALS.includes(first.class)) return;
    this.credit -= 1;
    if (this.credit > 0) return;
    this.credit = 1;
    this.resting = REST;
  }
}
