import { sameValue } from '../record/compare';
import type { Fields } from '../record/fields';
import { parseInstant } from '../record/instant';
import type { Snapshot } from '../record/snapshot';
import type { Run } from './run';

/** What the writes on one version put into the stamp field. */
export interface Stamp {
  readonly version: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly at: string;
}

/** The changes with the write's own time in the stamp field. A resend on the same version is the same write. */
export function stamped(run: Run, version: string, changes: Fields): Fields {
  const { stamp } = run.request;
  if (stamp === undefined) return changes;
  const { open, context } = run;
  if (open.stamp?.version !== version) {
    open.stamp = { version, at: new Date(context.time.now()).toISOString() };
  }
  return { ...changes, [stamp]: open.stamp.at };
}

/**
 * Whether the record, on another version by now, still shows the stamp of before the write in doubt: then that
 * write is not in place, and its version is gone, so that it cannot land any more (docs/safety.md, "The update loop").
 * Anything else proves nothing: no former stamp, or one so near that the field may show both alike.
 */
export function showsFormerStamp(run: Run, current: Snapshot): boolean {
  const { sentOn, stamp } = run.open;
  const field = run.request.stamp;
  if (field === undefined || sentOn === undefined || stamp?.version !== sentOn.version)
    return false;
  if (run.readFromCache()) return false;
  const name = run.context.family.readName(field);
  const former = instantOf(sentOn.values, name);
  if (former === undefined || former !== instantOf(current.values, name)) return false;
  return differs(former, parseInstant(stamp.at));
}

/** Whether an accepted write left the stamp of before in its field: then a former stamp would prove nothing. */
export function ignoresStamp(run: Run, answered: Fields, before: Fields): boolean {
  const field = run.request.stamp;
  const { stamp } = run.open;
  if (field === undefined || stamp === undefined) return false;
  const name = run.context.family.readName(field);
  if (!Object.hasOwn(before, name) || !sameValue(before[name], answered[name])) return false;
  const former = instantOf(before, name);
  return former === undefined || differs(former, parseInstant(stamp.at));
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
function differs(former: bigint, own: bigint | undefined): boolean {
  if (own === undefined) return false;
  const distance = own > former ? own - former : former - own;
  return distance >= keptUnit(former);
}

function keptUnit(instant: bigint): bigint {
  if (instant % QUARTER === 0n) return DAY;
  if (instant % MINUTE === 0n) return MINUTE;
  return instant % SECOND === 0n ? SECOND : MS;
}
