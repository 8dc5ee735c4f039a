import type { CheckResult, Claim, EventToCheck } from '../../../../lib/coordination/seen-events';

interface ModelClaim {
  readonly event: EventToCheck;
  readonly token: string;
  readonly at: number;
}

interface ModelFirst {
  readonly event: EventToCheck;
  readonly token: string;
  readonly at: number;
  isConfirmed: boolean;
}

interface ModelConfirmed {
  readonly id: string;
  readonly until: number;
  readonly at: number;
  /** Of the claim that was held then, where that one confirmed it in this run. */
  readonly token: string | undefined;
}

/** What the store of seen events promises, said as plainly as possible. */
export class Model {
  private claims: ModelClaim[] = [];
  private confirmed: ModelConfirmed[] = [];
  private firsts: ModelFirst[] = [];

  /** What `check` must answer; of a first event all but the token. */
  check(event: EventToCheck, now: number): CheckResult | 'first' {
    this.pass(now);
    this.firsts = this.firsts.filter(
      first => event.same === undefined || !isOtherTarget(first.event, event),
    );
    const confirmed = this.confirmed.find(({ id }) => id === event.id);
    if (confirmed) return { first: false, pending: false, seenAt: confirmed.at, by: 'id' };
    const claim = this.claims.find(other => other.event.id === event.id);
    if (claim) return { first: false, pending: true, seenAt: claim.at, by: 'id' };
    const first = this.firsts.find(other => isSameTarget(other.event, event));
    if (first === undefined) return 'first';
    const pending = !first.isConfirmed;
    return { first: false, pending, seenAt: first.at, by: 'same-target' };
  }

  claimed(event: EventToCheck, token: string, now: number): void {
    this.claims.push({ event, token, at: now });
    if (event.same) this.firsts.push({ event, token, at: now, isConfirmed: false });
  }

  confirm({ id, token, windowMs }: Claim, now: number): boolean {
    this.pass(now);
    const held = this.claims.find(({ event }) => event.id === id);
    this.claims = this.claims.filter(claim => claim !== held);
    const first = this.firsts.find(other => other.token === held?.token);
    if (first) first.isConfirmed = true;
    const isHeld = held?.token === token;
    const known = this.confirmed.find(other => other.id === id);
    if (known) return isHeld || known.token === token;
    const at = held?.at ?? now;
    this.confirmed.push({ id, until: now + windowMs, at, token: isHeld ? token : undefined });
    return isHeld;
  }

  forget({ token }: Claim, now: number): boolean {
    this.pass(now);
    const before = this.claims.length;
    this.claims = this.claims.filter(claim => claim.token !== token);
    this.pass(now);
    return this.claims.length < before;
  }

  restart(now: number): void {
    this.claims = [];
    this.confirmed = this.confirmed.map(event => ({ ...event, token: undefined }));
    this.pass(now);
  }

  size(now: number): number {
    this.pass(now);
    return this.claims.length + this.confirmed.length;
  }

  /** Drops whatever is over. */
  private pass(now: number): void {
    this.claims = this.claims.filter(({ event, at }) => at + event.claimMs > now);
    this.confirmed = this.confirmed.filter(({ until }) => until > now);
    this.firsts = this.firsts.filter(
      ({ event, at, token, isConfirmed }) =>
        at + (event.same?.windowMs ?? 0) > now &&
        (isConfirmed || this.claims.some(claim => claim.token === token)),
    );
  }
}

function isSameTarget({ same: a }: EventToCheck, { same: b }: EventToCheck): boolean {
  return b !== undefined && a?.record === b.record && a.target === b.target;
}

function isOtherTarget({ same: a }: EventToCheck, { same: b }: EventToCheck): boolean {
  return a?.record === b?.record && a?.target !== b?.target;
}
