import { Lasting } from './lasting';
import type { LeftEntry, TargetEntry } from './seen-entries';
import type { SteadyClock } from './steady-clock';

/** A claim as the store remembers it. Times on the store's clock. */
export interface HeldClaim {
  /** Counted up from 1. */
  readonly number: number;
  readonly claimedAt: number;
  readonly endsAt: number;
  /** Key of the record whose target it may be the first of. */
  readonly record: string | undefined;
}

/** The event that came first for a record's latest target. */
interface First {
  readonly target: string;
  readonly claimedAt: number;
  /** Undefined: it was confirmed. */
  readonly claim: HeldClaim | undefined;
  /** It comes from the file, which may be read late: what happened since is newer. */
  readonly isReplayed: boolean;
}

/** A record's latest target, for a time from the claim of the event that named it first. */
export class RecentTargets {
  private readonly firsts = new Lasting<First>(({ claimedAt }) => claimedAt);

  constructor(private readonly clock: SteadyClock) {}

  get size(): number {
    return this.firsts.size;
  }

  find(record: string): First | undefined {
    const now = this.clock.now();
    const first = this.firsts.find(record, now)?.value;
    return first?.claim === undefined || first.claim.endsAt > now ? first : undefined;
  }

  /** Forgets every other target of the record. What to save, where the file may know the one forgotten. */
  leave(record: string, target: string): LeftEntry | undefined {
    const known = this.firsts.find(record, this.clock.now())?.value;
    if (known === undefined || known.target === target) return undefined;
    this.firsts.delete(record);
    return known.claim === undefined ? { record } : undefined;
  }

  begin(record: string, target: string, windowMs: number, claim: HeldClaim): void {
    const { claimedAt } = claim;
    this.firsts.set(record, { target, claimedAt, claim, isReplayed: false }, windowMs);
  }

  /** The claim was confirmed. What to save, where it still is the first of its target. */
  confirm(claim: HeldClaim): TargetEntry | undefined {
    const { record } = claim;
    if (record === undefined) return undefined;
    const found = this.firsts.find(record, this.clock.now());
    if (found?.value.claim !== claim) return undefined;
    const first = { ...found.value, claim: undefined };
    this.firsts.set(record, first, found.lastsMs);
    return this.entry(record, first, found.lastsMs);
  }

  /** The claim is over without a confirmation. */
  drop(claim: HeldClaim): void {
    const { record } = claim;
    if (record === undefined) return;
    if (this.known(record)?.claim === claim) this.firsts.delete(record);
  }

  deleteOldest(): void {
    this.firsts.deleteOldest();
  }

  deleteEnded(most: number): number {
    return this.firsts.deleteEnded(this.clock.now(), most).length;
  }

  nextEnd(): number {
    return this.firsts.nextEnd();
  }

  /** True: its time was corrected. */
  replay({ record, target, at, for: lastsMs }: TargetEntry): boolean {
    if (this.known(record)?.isReplayed === false) return false;
    const { reading, isFuture } = this.clock.fromWall(at);
    const first = { target, claimedAt: reading, claim: undefined, isReplayed: true };
    this.firsts.set(record, first, lastsMs);
    return isFuture;
  }

  replayLeft({ record }: LeftEntry): void {
    if (this.known(record)?.isReplayed === true) this.firsts.delete(record);
  }

  *living(): Generator<TargetEntry> {
    for (const [record, first, lastsMs] of this.firsts) {
      if (first.claim === undefined) yield this.entry(record, first, lastsMs);
    }
  }

  private entry(record: string, first: First, lastsMs: number): TargetEntry {
    const at = this.clock.toWall(first.claimedAt);
    return { record, target: first.target, at, for: lastsMs };
  }

  /** Also one that has ended but was not removed yet. */
  private known(record: string): First | undefined {
    return this.firsts.find(record, -Infinity)?.value;
  }
}
