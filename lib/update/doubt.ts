import { isUnsettled, type Doubt, type IdempotencyKey, type Pending } from '../outcome/outcome';
import { sameValue } from '../record/compare';
import type { Fields } from '../record/fields';
import { parseInstant } from '../record/instant';
import type { Snapshot } from '../record/snapshot';

/** What is known of the fate of the latest write whose answer did not tell it. */
export type Fate =
  /** Every write so far was answered, or has lost its version. */
  | { readonly kind: 'known' }
  | { readonly kind: 'in-doubt'; readonly versionSent: string; readonly seenUnmoved: boolean }
  /** As a re-read showed it, unless that one was behind. */
  | { readonly kind: 'not-in-place'; readonly versionSent: string };

/** What is known of a write whose fate is not, and what it takes to send the very same again. A value. */
export interface WriteDoubt {
  readonly fate: Fate;
  /** The snapshot that the write in doubt was sent on, where it is known. */
  readonly sentOn: Snapshot | undefined;
  /** Of the latest write. */
  readonly stamp: Stamp | undefined;
  /** Of the latest write; undefined once that request must not be sent again. */
  readonly idempotency: IdempotencyKey | undefined;
  /** An attempt of ours had an unknown fate at some time: what is in place may be ours. */
  readonly everInDoubt: boolean;
  /** An attempt without an answer may be applied after a read that does not show it. */
  readonly mayStillLand: boolean;
}

/** What the writes on one version put into the stamp field. */
export interface Stamp {
  readonly version: string;
  /** The time of the first of them (ISO 8601, UTC, with milliseconds), or a token that no other version gets. */
  readonly value: string;
}

const KNOWN: Fate = { kind: 'known' };

const NONE: WriteDoubt = {
  fate: KNOWN,
  sentOn: undefined,
  stamp: undefined,
  idempotency: undefined,
  everInDoubt: false,
  mayStillLand: false,
};

/** @param snapshots that the write of the pass before may have been sent on */
export function doubtFrom(
  pending: Pending | undefined,
  snapshots: readonly (Snapshot | undefined)[],
): WriteDoubt {
  if (pending === undefined) return NONE;
  const { versionSent, seenUnmoved, stamp, idempotency } = pending;
  const mayStillLand = isUnsettled(pending);
  return {
    fate: mayStillLand
      ? { kind: 'in-doubt', versionSent, seenUnmoved }
      : { kind: 'not-in-place', versionSent },
    sentOn: snapshots.find(snapshot => snapshot?.version === versionSent),
    stamp: stamp === undefined ? undefined : { version: versionSent, value: stamp },
    idempotency,
    everInDoubt: true,
    mayStillLand,
  };
}

/** Whether a write is in doubt: it left, and no answer and no re-read has told its fate. */
export function isInDoubt({ fate }: WriteDoubt): boolean {
  return fate.kind === 'in-doubt';
}

/** Whether a write is in doubt that no re-read has followed yet. */
export function isUnseen({ fate }: WriteDoubt): boolean {
  return fate.kind === 'in-doubt' && !fate.seenUnmoved;
}

/** The version that the write in doubt named; undefined: none is. */
export function versionInDoubt({ fate }: WriteDoubt): string | undefined {
  return fate.kind === 'in-doubt' ? fate.versionSent : undefined;
}

/** Whether a write is in doubt and the record still has the version that it was sent on: it may land yet. */
export function mayLandOn({ fate, sentOn }: WriteDoubt, version: string): boolean {
  return fate.kind === 'in-doubt' && (fate.versionSent === version || sentOn?.version === version);
}

/** A write left and no answer told its fate. */
export function inDoubt(
  doubt: WriteDoubt,
  versionSent: string,
  sentOn: Snapshot | undefined,
  mayStillLand: boolean,
): WriteDoubt {
  return {
    ...doubt,
    fate: { kind: 'in-doubt', versionSent, seenUnmoved: false },
    sentOn,
    everInDoubt: true,
    mayStillLand: doubt.mayStillLand || mayStillLand,
  };
}

/**
 * The record still has the version that was sent: the write is not in place, though it may land later.
 * @param isProof whether the read may end the doubt: one that a cache answered may hide the write
 */
export function seenUnmoved(doubt: WriteDoubt, isProof: boolean): WriteDoubt {
  const { fate } = doubt;
  if (fate.kind !== 'in-doubt') return doubt;
  const { versionSent } = fate;
  const staysInDoubt = doubt.mayStillLand || !isProof;
  if (staysInDoubt) return { ...doubt, fate: { kind: 'in-doubt', versionSent, seenUnmoved: true } };
  return { ...doubt, fate: { kind: 'not-in-place', versionSent } };
}

/** The re-read that had ended a doubt may have been behind: the write may be in place after all. */
export function doubtedAgain(doubt: WriteDoubt): WriteDoubt {
  if (doubt.fate.kind !== 'not-in-place') return doubt;
  const { versionSent } = doubt.fate;
  return { ...doubt, fate: { kind: 'in-doubt', versionSent, seenUnmoved: false } };
}

/** Whatever became of earlier writes, their version is gone: none can land any more, and the next one has its own. */
export function withoutDoubt(doubt: WriteDoubt): WriteDoubt {
  return doubt.fate.kind === 'known' ? doubt : { ...doubt, fate: KNOWN, mayStillLand: false };
}

/** The record has this version now: with its own one, a write has lost its chance to land. */
export function settledByMove(doubt: WriteDoubt, version: string): WriteDoubt {
  return mayLandOn(doubt, version) ? doubt : withoutDoubt(doubt);
}

/** The next request differs from the latest one, so that it needs a key of its own. */
export function withoutIdempotencyKey(doubt: WriteDoubt): WriteDoubt {
  return doubt.idempotency === undefined ? doubt : { ...doubt, idempotency: undefined };
}

/**
 * What the next pass of a wired loop needs to know of it.
 * @param computed changes, which the next pass could not tell; those of another version are not what was sent
 */
export function pendingOf(
  doubt: WriteDoubt,
  changesHash: string,
  computed: { readonly version: string; readonly changes: Fields } | undefined,
): Pending | undefined {
  const { fate, stamp, idempotency } = doubt;
  if (fate.kind === 'known') return undefined;
  const { versionSent } = fate;
  const sent: Doubt =
    fate.kind === 'in-doubt'
      ? { versionSent, seenUnmoved: fate.seenUnmoved }
      : { versionSent, seenUnmoved: true, settled: true };
  return {
    ...sent,
    changesHash,
    ...(stamp?.version === versionSent ? { stamp: stamp.value } : {}),
    ...(computed?.version === versionSent ? { sent: computed.changes } : {}),
    ...(idempotency === undefined ? {} : { idempotency }),
  };
}

/**
 * Whether the record, on another version by now, still shows the stamp of before the write in doubt: then that
 * write is not in place, and its version is gone, so that it cannot land any more (docs/safety.md, "The update loop").
 * Anything else proves nothing: no former stamp, or one so near that the field may show both alike.
 * @param name of the stamp field as it reads back
 */
export function showsFormerStamp(
  { sentOn, stamp }: WriteDoubt,
  name: string,
  values: Fields,
): boolean {
  if (sentOn === undefined || stamp?.version !== sentOn.version) return false;
  const former = instantOf(sentOn.values, name);
  if (former === undefined || former !== instantOf(values, name)) return false;
  const own = parseInstant(stamp.value);
  return own !== undefined && differs(former, own);
}

/** A token as the writes of computed changes put it into the stamp field. */
const TOKEN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Whether the record shows the token of the write in doubt: that write is in place, whatever happened to the record
 * since.
 * @param name of the stamp field as it reads back
 */
export function showsOwnToken({ stamp }: WriteDoubt, name: string, values: Fields): boolean {
  return stamp !== undefined && TOKEN.test(stamp.value) && sameToken(stamp.value, values[name]);
}

/**
 * The same as `showsFormerStamp` for a token. Only one that such a write has put there proves that the field takes
 * them: a field that ignores what is written shows the same for ever.
 */
export function showsFormerToken(
  { sentOn, stamp }: WriteDoubt,
  name: string,
  values: Fields,
): boolean {
  if (sentOn === undefined || stamp?.version !== sentOn.version) return false;
  const former = sentOn.values[name];
  return typeof former === 'string' && TOKEN.test(former) && sameToken(former, values[name]);
}

/** A field of type GUID may show it in another case. */
function sameToken(token: string, value: unknown): boolean {
  return sameValue(token, value, { type: 'guid' });
}

/** Whether an accepted write left the stamp of before in its field: then a former stamp would prove nothing. */
export function ignoresStamp(
  { stamp }: WriteDoubt,
  name: string,
  answered: Fields,
  before: Fields,
): boolean {
  if (stamp === undefined) return false;
  if (!Object.hasOwn(before, name) || !sameValue(before[name], answered[name])) return false;
  const former = instantOf(before, name);
  const own = parseInstant(stamp.value);
  return former === undefined || own === undefined || differs(former, own);
}

function instantOf(values: Fields, name: string): bigint | undefined {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return typeof value === 'string' ? parseInstant(value) : undefined;
}

const MS = 10_000n; // ticks of 100 ns
const SECOND = 1000n * MS;
const MINUTE = 60n * SECOND;
const QUARTER = 15n * MINUTE; // every time zone's midnight is on one
const DAY = 24n * 60n * MINUTE;

/** A field may keep whole seconds, minutes or days only; what it shows tells how much it keeps at least. */
function differs(former: bigint, own: bigint): boolean {
  const distance = own > former ? own - former : former - own;
  return distance >= keptUnit(former);
}

function keptUnit(instant: bigint): bigint {
  if (instant % QUARTER === 0n) return DAY;
  if (instant % MINUTE === 0n) return MINUTE;
  return instant % SECOND === 0n ? SECOND : MS;
}
