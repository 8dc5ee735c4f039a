/** What became of a message: done, or why not, as far as a count tells it apart. */
export type Ended = 'done' | 'conflict' | 'retry' | 'other';

/** In the order in which they are shown. */
const SHOWN = ['done', 'waiting', 'conflict', 'retry', 'other'] as const;

/** So many messages that wait for their first request are a burst. */
const MANY = 10;

/** Counts the messages of one node. A burst is over when none is under way any more. */
export class Tally {
  private underWay = 0;
  private begun = 0;
  private held = 0;
  private isBurst = false;
  private ended: Record<Ended, number> = nobody();

  /** Whether to show counts rather than what one of the messages is doing. */
  get isMany(): boolean {
    return this.isBurst;
  }

  /** A message has come. */
  enter(): Passage {
    if (this.underWay === 0) this.ended = nobody();
    this.underWay++;
    return new Passage(this);
  }

  hold(): void {
    if (++this.held >= MANY) this.isBurst = true;
  }

  begin(wasHeld: boolean): void {
    if (wasHeld) this.held--;
    this.begun++;
  }

  end(hasBegun: boolean, wasHeld: boolean, as: Ended): void {
    this.underWay--;
    if (hasBegun) this.begun--;
    else if (wasHeld) this.held--;
    this.ended[as]++;
    if (this.underWay === 0) this.isBurst = false;
  }

  /** What there is to show; `done` always, others where there are any. */
  counts(): readonly (readonly [name: (typeof SHOWN)[number], count: number])[] {
    const counts = { ...this.ended, waiting: this.underWay - this.begun };
    return SHOWN.filter(name => name === 'done' || counts[name] > 0).map(name => [
      name,
      counts[name],
    ]);
  }
}

/** One message on its way through the node. */
export class Passage {
  private hasBegun = false;
  private wasHeld = false;
  private hasEnded = false;

  constructor(private readonly tally: Tally) {}

  /** It has to wait for its first request. Calling it again, or later, changes nothing. */
  hold(): void {
    if (this.hasBegun || this.wasHeld) return;
    this.wasHeld = true;
    this.tally.hold();
  }

  /** It no longer waits for its first request. Calling it again changes nothing. */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.tally.begin(this.wasHeld);
  }

  /** Only the first end counts. */
  end(as: Ended): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.tally.end(this.hasBegun, this.wasHeld, as);
  }
}

function nobody(): Record<Ended, number> {
  return { done: 0, conflict: 0, retry: 0, other: 0 };
}
