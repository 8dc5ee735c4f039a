import { randomUUID } from 'node:crypto';
import { InputError } from '../errors';
import { boundedKey } from './bounded-key';
import type { JournalOwner, Replayed } from './journal/owner';
import { Lasting, type Found } from './lasting';
import { RecentTargets, type HeldClaim } from './recent-targets';
import { readSeenEntry, type ConfirmedEntry, type SeenEntry } from './seen-entries';
import type { CheckResult, Claim, EventToCheck } from './seen-events';
import type { SteadyClock } from './steady-clock';

/** Below this part of its limit the store is not full any more: at the limit that would change with every event. */
const ROOMY = 0.95;

/** Most entries of a sort to remove in one go: others wait for the processor meanwhile. */
const SWEEP = 10_000;

/** An event that was confirmed. A million of them are remembered: small integers take no memory of their own. */
interface Confirmed {
  /** On the store's clock, rounded up to the millisecond. */
  readonly at: number;
  /** Milliseconds it had been claimed before. */
  readonly age: number;
  /** Number of the claim that was held then and confirmed it. */
  readonly claim: number | undefined;
}

/** Claims, confirmed events and latest targets. What is returned as entries is to be saved. */
export class SeenMemory implements JournalOwner {
  readonly kind = 'seen-events';
  readonly version = 1;
  private readonly claims = new Lasting<HeldClaim>(claim => claim.claimedAt);
  private readonly confirmed = new Lasting<Confirmed>(({ at }) => at);
  private readonly targets: RecentTargets;
  private hasForgotten = false;
  /** Tokens of an earlier run of the flow, still in some message, must not fit. */
  private readonly tokenPrefix = randomUUID();
  private claimCount = 0;

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
    const target = held && this.targets.confirm(held);
    this.end(key);
    const { value, lastsMs } = this.remember(key, claim, held);
    const entries = [this.entry(key, value, lastsMs), ...listed(target)];
    return { inTime: this.isOf(value.claim, claim), entries };
  }

  forget(claim: Claim): boolean {
    const key = boundedKey(claim.id);
    if (!this.isOf(this.held(key)?.number, claim)) return false;
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
    for (const [key, value, lastsMs] of this.confirmed) yield this.entry(key, value, lastsMs);
    yield* this.targets.living();
  }

  count(): number {
    return this.confirmed.size + this.targets.size;
  }

  private duplicateById(key: string): CheckResult | undefined {
    const confirmed = this.confirmed.find(key, this.clock.now())?.value;
    if (confirmed) return this.duplicate('id', false, confirmed.at - confirmed.age);
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
    const number = ++this.claimCount;
    const record = same && boundedKey(same.record);
    const held = { number, claimedAt, endsAt: claimedAt + claimMs, record };
    this.claims.set(key, held, claimMs);
    if (same !== undefined && record !== undefined) {
      this.targets.begin(record, boundedKey(same.target), same.windowMs, held);
      this.makeRoom(0);
    }
    const claim: Claim = { id, windowMs, token: this.token(number), ...(same && { same }) };
    return { first: true, claim };
  }

  private isOf(number: number | undefined, { token }: Claim): boolean {
    return number !== undefined && token === this.token(number);
  }

  private token(number: number): string {
    return `${this.tokenPrefix}.${number}`;
  }

  private held(key: string): HeldClaim | undefined {
    return this.claims.find(key, this.clock.now())?.value;
  }

  private end(key: string): void {
    const ended = this.claims.delete(key);
    if (ended !== undefined) this.targets.drop(ended);
  }

  /** What is remembered already is not extended, but saved again: it may not have been. */
  private remember(key: string, claim: Claim, held: HeldClaim | undefined): Found<Confirmed> {
    const now = this.clock.now();
    const known = this.confirmed.find(key, now);
    if (known !== undefined) return known;
    const at = Math.ceil(now);
    const age = held === undefined ? 0 : Math.round(at - held.claimedAt);
    const value = { at, age, claim: this.isOf(held?.number, claim) ? held?.number : undefined };
    this.confirmed.set(key, value, claim.windowMs);
    this.makeRoom(0);
    return { value, lastsMs: claim.windowMs };
  }

  private entry(key: string, { at, age }: Confirmed, lastsMs: number): ConfirmedEntry {
    return { id: key, at: this.clock.toWall(at), for: lastsMs, age };
  }

  /** True: its time was corrected. */
  private replayConfirmed({ id, at, for: lastsMs, age }: ConfirmedEntry): boolean {
    const { reading, isFuture } = this.clock.fromWall(at);
    const now = this.clock.now();
    const known = this.confirmed.find(id, now);
    const knownEnd = known === undefined ? now : known.value.at + known.lastsMs;
    if (reading + lastsMs <= knownEnd) return false;
    this.confirmed.set(id, { at: Math.ceil(reading), age, claim: undefined }, lastsMs);
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
