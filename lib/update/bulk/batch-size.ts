/** What is added to a batch after one that went well. */
const STEP = 10;

/** Up to this share of conflicts a batch has gone well; above the other it was too large. */
const FEW = 0.2;
const MANY = 0.5;

/** A batch of less than this share of its size was what is left of others: the share of its conflicts is chance. */
const TELLING = 0.5;

/**
 * How many records go into the next batch: more and more while batches go well, half as many when the API is overloaded,
 * or when so many others write that a smaller batch would have met fewer of them.
 */
export class BatchSize {
  /** At least 1. */
  size: number;

  /** @param most that the API takes */
  constructor(
    start: number,
    private most: number,
  ) {
    this.size = Math.max(1, Math.min(start, most));
  }

  /** @param conflicts members that met another version */
  answered(members: number, conflicts: number): void {
    if (members < this.size * TELLING) return;
    const share = conflicts / members;
    if (share <= FEW) this.size = Math.min(this.most, this.size + STEP);
    else if (share > MANY) this.halve();
  }

  halve(): void {
    this.size = Math.max(1, Math.floor(this.size / 2));
  }

  /** The API takes fewer than so many. */
  isTooMany(members: number): void {
    this.most = Math.max(1, Math.min(this.most, Math.floor(members / 2)));
    this.size = Math.min(this.size, this.most);
  }
}
