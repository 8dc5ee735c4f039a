import type {
  CheckResult,
  Claim,
  Confirmation,
  SameTarget,
} from '../../lib/coordination/seen-events';
import { InputError } from '../../lib/errors';
import { isFields, isThenable, type Fields } from '../../lib/record/fields';
import { awaitForgotten, type Scope } from '../shared/scope';
import { idText } from './identity';

/** What these nodes write into an event besides its `id`. Whatever else it holds stays. */
interface EventMembers extends Partial<Omit<Claim, 'id'>> {
  /** The id that was checked, where the event has another `id` of its own. */
  readonly claimId?: string;
  readonly pending?: boolean;
  /** ISO 8601. */
  readonly firstSeenAt?: string;
  readonly duplicateBy?: 'id' | 'same-target';
  readonly confirmed?: true;
  /** Confirmed, but in memory only. */
  readonly saved?: false;
}

const MEMBERS: readonly (keyof EventMembers)[] = [
  'token',
  'windowMs',
  'same',
  'claimId',
  'pending',
  'firstSeenAt',
  'duplicateBy',
  'confirmed',
  'saved',
];

/** The event at its place in a message; empty when nothing is there. Throws InputError `EVENT_PLACE_INVALID`. */
export function eventIn(scope: Scope, path: string): Fields {
  const event = scope.get(path) ?? {};
  if (isThenable(event)) throw awaitForgotten('EVENT_PLACE_INVALID', `msg.${path}`);
  if (isFields(event)) return event;
  throw new InputError(
    'EVENT_PLACE_INVALID',
    `msg.${path} holds ${Array.isArray(event) ? 'an array' : `a value of type ${typeof event}`}, and an object is needed to carry what is known about the event. Put an object there, or choose another place under Event.`,
  );
}

/** The event with the right to process it. */
export function withClaim(event: Fields, { id, ...claim }: Claim): Fields {
  return { ...withId(event, id), ...claim };
}

/** The event with what is known about the one that came first. */
export function asDuplicate(
  event: Fields,
  id: string,
  { pending, seenAt, by }: Extract<CheckResult, { first: false }>,
): Fields {
  const firstSeenAt = new Date(seenAt).toISOString();
  return { ...withId(event, id), pending, firstSeenAt, duplicateBy: by };
}

export function asConfirmed(event: Fields, { saved }: Confirmation): Fields {
  const rest = without(event, ['token', 'saved']);
  return { ...rest, confirmed: true, ...(saved ? {} : { saved: false }) };
}

export function withoutToken(event: Fields): Fields {
  return without(event, ['token']);
}

/** The claim that an event carries; undefined when it carries none. */
export function claimIn(event: Fields): Claim | undefined {
  const { token, windowMs, same } = event;
  const id = idText(event.claimId ?? event.id);
  if (id === undefined || typeof token !== 'string' || !isTime(windowMs)) return undefined;
  if (same === undefined) return { id, token, windowMs };
  return isSameTarget(same) ? { id, token, windowMs, same } : undefined;
}

/** Without anything that an earlier check or confirmation wrote. */
function withId(event: Fields, id: string): Fields {
  const rest = without(event, MEMBERS);
  if (rest.id === undefined) return { ...rest, id };
  return idText(rest.id) === id ? rest : { ...rest, claimId: id };
}

function without(event: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name)));
}

function isSameTarget(value: unknown): value is SameTarget {
  if (!isFields(value)) return false;
  const { record, target, windowMs } = value;
  return typeof record === 'string' && typeof target === 'string' && isTime(windowMs);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
