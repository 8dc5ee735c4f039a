import { randomUUID } from 'node:crypto';
import { InputError } from '../errors';
import { boundedKey } from './bounded-key';
import { claimedAt, confirmedAt, packTimes } from './confirmed-at';
import type { HeldClaim } from './held-claim';
import type { JournalOwner, Replayed } from './journal/owner';
import { Lasting } from './lasting';
import { RecentTargets } from './recent-targets';
import { readSeenEntry, type ConfirmedEntry, type SeenEntry } from './seen-entries';
import type { CheckResult, Claim, EventToCheck } from './seen-events';
import type { SteadyClock } from './steady-clock';

/** Below this part of its limit the store is not full any more: at the limit that would change with every event. */
const ROOMY = 0.95;

/** Most entries of a sort to remove in one go: others wait for the processor meanwhile. */
const SWEEP = 10_000;

/** Claims, confirmed events and latest targets. What is returned as entries is to be saved. */
export class SeenMemory implements JournalOwner {
  readonly kind = 'seen-events';
  readonly version = 1;
  private readonly claims = new Lasting<HeldClaim>(claim => claim.claimedAt);
  private readonly confirmed = new Lasting<number>(confirmedAt);
  private readonly targets: RecentTargets;
  private hasForgotten = false;
  /** Tokens of an earlier run of the flow, still in some message, must not fit. */
  private readonly tokenPrefix = randomUUID();
  private tokens = 0;

  constructor(
    private readonly clock: SteadyClock,
    private readonly limit: number,
  ) {
    this.targets = new RecentTargets(clock);
  }

  /** Events: claimed and confirmed ones. */
  get size(): number {
    return this.claims.size + this.confirmed.size;
  }

  /** Some were forgotten before their time, and there is not much more room yet. */
  checkFull(): boolean {
    const most = Math.max(this.size, this.targets.size);
    if (most <= this.limit * ROOMY) this.hasForgotten = false;
    return this.hasForgotten;
  }

  /** An event names its target, whatever becomes of it. */
  name({ same }: EventToCheck): SeenEntry[] {
    if (same === undefined) return [];
    return listed(this.targets.leave(boundedKey(same.record), boundedKey(same.target)));
  }

  check(event: EventToCheck): CheckResult {
    const key = boundedKey(event.id);
    return this.duplicateById(key) ?? this.duplicateByTarget(event) ?? this.claim(key, event);
  }

  confirm(claim: Claim): { readonly inTime: boolean; readonly entries: SeenEntry[] } {
    const key = boundedKey(claim.id);
    const held = this.held(key);
    const target = held === undefined ? undefined : this.targets.confirm(held);
    this.end(key);
    const entry = this.remember(held?.key ?? key, claim.windowMs, held?.claimedAt);
    return { inTime: held?.token === claim.token, entries: [entry, ...listed(target)] };
  }

  forget(claim: Claim): boolean {
    const key = boundedKey(claim.id);
    if (this.held(key)?.token !== claim.token) return false;
    this.end(key);
    return true;
  }

  /** Removes what has ended. True: there may be more of it. */
  sweep(): boolean {
    const now = this.clock.now();
    const claims = this.claims.deleteEnded(now, SWEEP);
    for (const claim of claims) this.targets.drop(claim);
    const confirmed = this.confirmed.deleteEnded(now, SWEEP).length;
    return Math.max(claims.length, confirmed, this.targets.deleteEnded(SWEEP)) >= SWEEP;
  }

  /** When the next of all that is remembered ends, on the store's clock; Infinity: nothing is left. */
  nextEnd(): number {
    return Math.min(this.claims.nextEnd(), this.confirmed.nextEnd(), this.targets.nextEnd());
  }

  replay(value: unknown): Replayed {
    const entry = readSeenEntry(value);
    if (entry === undefined) return 'unknown';
    if ('id' in entry) return this.replayConfirmed(entry) ? 'corrected' : 'used';
    if (entry.target === undefined) this.targets.replayLeft(entry);
    else if (this.targets.replay(entry)) return 'corrected';
    this.makeRoom(0);
    return 'used';
  }

  *living(): Generator<SeenEntry> {
    for (const [key, times, lastsMs] of this.confirmed) yield this.entry(key, times, lastsMs);
    yield* this.targets.living();
  }

  count(): number {
    return this.confirmed.size + this.targets.size;
  }

  private duplicateById(key: string): CheckResult | undefined {
    const times = this.confirmed.find(key, this.clock.now())?.value;
    if (times !== undefined) return this.duplicate('id', false, claimedAt(times));
    const held = this.held(key);
    return held && this.duplicate('id', true, held.claimedAt);
  }

  private duplicateByTarget({ same }: EventToCheck): CheckResult | undefined {
    const first = same && this.targets.find(boundedKey(same.record));
    return first && this.duplicate('same-target', first.claim !== undefined, first.claimedAt);
  }

  private duplicate(by: 'id' | 'same-target', pending: boolean, claimedAt: number): CheckResult {
    return { first: false, pending, seenAt: this.clock.toWall(claimedAt), by };
  }

  private claim(key: string, { id, windowMs, claimMs, same }: EventToCheck): CheckResult {
    this.end(key);
    this.makeRoomForClaim();
    const claimedAt = this.clock.now();
    const token = `${this.tokenPrefix}.${++this.tokens}`;
    const record = same && boundedKey(same.record);
    const held = { key, token, claimedAt, endsAt: claimedAt + claimMs, record };
    this.claims.set(key, held, claimMs);
    if (same !== undefined && record !== undefined) {
      this.targets.begin(record, boundedKey(same.target), same.windowMs, held);
      this.makeRoom(0);
    }
    const claim: Claim = { id, windowMs, token, ...(same && { same }) };
    return { first: true, claim };
  }

  private held(key: string): HeldClaim | undefined {
    return this.claims.find(key, this.clock.now())?.value;
  }

  private end(key: string): void {
    const ended = this.claims.delete(key);
    if (ended !== undefined) this.targets.drop(ended);
  }

  /** What is remembered already is not extended, but saved again: it may not have been. */
  private remember(key: string, windowMs: number, since: number | undefined): ConfirmedEntry {
    const now = this.clock.now();
    const known = this.confirmed.find(key, now);
    if (known !== undefined) return this.entry(key, known.value, known.lastsMs);
    const times = packTimes(now, since ?? now);
    this.confirmed.set(key, times, windowMs);
    this.makeRoom(0);
    return this.entry(key, times, windowMs);
  }

  private entry(key: string, times: number, lastsMs: number): ConfirmedEntry {
    const at = this.clock.toWall(confirmedAt(times));
    const age = Math.round(confirmedAt(times) - claimedAt(times));
    return { id: key, at, for: lastsMs, age };
  }

  /** True: its time was corrected. */
  private replayConfirmed({ id, at, for: lastsMs, age }: ConfirmedEntry): boolean {
    const { reading, isFuture } = this.clock.fromWall(at);
    const now = this.clock.now();
    const known = this.confirmed.find(id, now);
    const knownEnd = known === undefined ? now : confirmedAt(known.value) + known.lastsMs;
    if (reading + lastsMs <= knownEnd) return false;
    this.confirmed.set(id, packTimes(reading, reading - age), lastsMs);
    this.makeRoom(0);
    return isFuture;
  }

  private makeRoomForClaim(): void {
    if (this.size >= this.limit) this.sweep();
    if (this.claims.size >= this.limit) throw storeFull(this.limit);
    this.makeRoom(1);
  }

  /** Oldest first; claims stay. */
  private makeRoom(places: number): void {
    while (this.size + places > this.limit && this.confirmed.size > 0) {
      this.confirmed.deleteOldest();
      this.hasForgotten = true;
    }
    while (this.targets.size > this.limit) {
      this.targets.deleteOldest();
      this.hasForgotten = true;
    }
  }
}

function listed<T>(entry: T | undefined): T[] {
  return entry === undefined ? [] : [entry];
}

function storeFull(limit: number): InputError {
  return new InputError(
    'EVENT_STORE_FULL',
    `The store remembers ${limit} events at most, and all of them are still being processed: none was confirmed or forgotten yet. Confirm or forget each event when it is done, or raise the limit of the record-store node.`,
  );
}
