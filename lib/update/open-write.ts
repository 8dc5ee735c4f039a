import { isOpen, type Doubt, type IdempotencyKey, type Pending } from '../outcome/outcome';
import type { Snapshot } from '../record/snapshot';
import type { Stamp } from './stamp';

/** What is known of a write whose fate is not, and what it takes to send the very same again. */
export class OpenWrite {
  doubt: Doubt | undefined;
  /** A doubt that a read settled: the write is not in place, unless that read was behind. */
  private settled: Doubt | undefined;
  /** The snapshot that the write in doubt was sent on, where it is known. */
  sentOn: Snapshot | undefined;
  /** Of the latest write. */
  stamp: Stamp | undefined;
  /** Of the latest write; undefined once that request must not be sent again. */
  idempotency: IdempotencyKey | undefined;
  /** An attempt of ours had an unknown fate at some time: what is in place may be ours. */
  everInDoubt: boolean;
  /** An attempt without an answer may be applied after a read that does not show it. */
  private mayStillLand: boolean;

  /** @param known snapshots that the write of the pass before may have been sent on */
  constructor(pending: Pending | undefined, known: readonly (Snapshot | undefined)[]) {
    this.everInDoubt = pending !== undefined;
    this.mayStillLand = isOpen(pending);
    if (pending === undefined) return;
    const { versionSent, seenUnmoved, stamp, idempotency } = pending;
    if (isOpen(pending)) this.doubt = { versionSent, seenUnmoved };
    else this.settled = { versionSent, seenUnmoved, settled: true };
    this.sentOn = known.find(snapshot => snapshot?.version === versionSent);
    this.stamp = stamp === undefined ? undefined : { version: versionSent, at: stamp };
    this.idempotency = idempotency;
  }

  /** A write left and no answer told its fate. */
  inDoubt(versionSent: string, sentOn: Snapshot | undefined, mayStillLand: boolean): void {
    this.doubt = { versionSent, seenUnmoved: false };
    this.sentOn = sentOn;
    this.everInDoubt = true;
    this.mayStillLand ||= mayStillLand;
  }

  /**
   * The record still has the version that was sent: the write is not in place, though it may land later.
   * @param mayBeHidden the read came from a cache, which proves less
   */
  seenUnmoved(mayBeHidden: boolean): void {
    if (this.doubt === undefined) return;
    const seen = { ...this.doubt, seenUnmoved: true };
    const staysOpen = this.mayStillLand || mayBeHidden;
    this.doubt = staysOpen ? seen : undefined;
    this.settled = staysOpen ? undefined : { ...seen, settled: true };
  }

  /** The look that had settled a doubt may have been behind: the write may be in place after all. */
  reopen(): void {
    if (this.settled === undefined) return;
    this.doubt = { versionSent: this.settled.versionSent, seenUnmoved: false };
    this.settled = undefined;
  }

  /** Whatever became of earlier writes, the next one goes out on a version of its own. */
  close(): void {
    this.doubt = undefined;
    this.settled = undefined;
  }

  /** What the next pass of a wired loop needs to know of it. */
  pending(changesHash: string): Pending | undefined {
    const { stamp, idempotency } = this;
    const doubt = this.doubt ?? this.settled;
    if (doubt === undefined) return undefined;
    return {
      ...doubt,
      changesHash,
      ...(stamp?.version === doubt.versionSent ? { stamp: stamp.at } : {}),
      ...(idempotency === undefined ? {} : { idempotency }),
    };
  }
}
