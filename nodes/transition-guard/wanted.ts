import { InputError } from '../../lib/errors';
import { isState, type State } from '../../lib/lifecycle/machine';
import { asIsoTime } from '../../lib/lifecycle/times';
import { isFields, isThenable, type Fields, type RecordKey } from '../../lib/record/fields';
import type { OwnTransition } from '../../lib/record/snapshot';
import { eventTimeOf } from '../shared/event-time';
import { awaitForgotten, type Scope } from '../shared/scope';
import { GUARD_DEFAULTS, type TransitionGuardConfig } from './config';

/** What a message asks for, and of which record. */
export interface Wanted {
  readonly key: RecordKey;
  readonly url: string;
  readonly values: Fields;
  /** The transition of ours that has brought the record into its status, where its snapshot tells of one. */
  readonly transition?: OwnTransition;
  readonly changes: Fields;
  readonly to: State;
  /** ISO 8601. */
  readonly eventAt?: string;
}

/** Throws InputError that names the part of the message at fault and the fix. */
export async function readWanted(scope: Scope, config: TransitionGuardConfig): Promise<Wanted> {
  const record = recordOf(scope.get(config.record), config.record);
  const changes = changesOf(scope.get(config.changes), config.changes);
  const to = targetOf(changes, config);
  const { eventTime: value, eventTimeType: type } = config;
  if (value.trim() === '') return { ...record, changes, to };
  const time = await scope.evaluate({
    value,
    type,
    label: 'Event time',
    code: 'EVENT_TIME_INVALID',
  });
  return { ...record, changes, to, ...eventAt(time, config) };
}

function recordOf(
  value: unknown,
  path: string,
): Pick<Wanted, 'key' | 'url' | 'values' | 'transition'> {
  if (isFields(value) && typeof value.url === 'string' && isFields(value.values)) {
    const { key, url, values } = value;
    return { key: key as RecordKey, url, values, ...transitionOf(value) };
  }
  throw new InputError(
    'RECORD_MISSING',
    `msg.${path} holds no record as it was read. Wire etag-fetch before this node, or correct Snapshot in the dialog.`,
  );
}

/** Whatever else a message may hold there tells nothing. */
function transitionOf({ transition }: Fields): Pick<Wanted, 'transition'> {
  if (!isFields(transition)) return {};
  const { field, to, sinceField } = transition;
  const eventAt = asIsoTime(transition.eventAt);
  if (typeof field !== 'string' || typeof sinceField !== 'string') return {};
  if (!isState(to) || eventAt === undefined) return {};
  return { transition: { field, to, sinceField, eventAt } };
}

function changesOf(value: unknown, path: string): Fields {
  if (isThenable(value)) throw awaitForgotten('CHANGES_INVALID', `msg.${path}`);
  if (isFields(value)) return value;
  throw new InputError(
    'CHANGES_INVALID',
    `msg.${path} must be an object of field names and values, for example {"status": "Complete"}. Set it, or choose another place under Changes.`,
  );
}

function targetOf(changes: Fields, { changes: path, field }: TransitionGuardConfig): State {
  const name = field.trim();
  const to = Object.hasOwn(changes, name) ? changes[name] : undefined;
  if (isState(to)) return to;
  const found = to === undefined ? 'is not there' : 'is neither text nor a number';
  throw new InputError(
    'TARGET_INVALID',
    `msg.${path}.${name} ${found}. Give the wanted status there, or correct Status field or Changes in the dialog.`,
  );
}

function eventAt(time: unknown, config: TransitionGuardConfig): Pick<Wanted, 'eventAt'> {
  if ((time === undefined || time === null) && mayLackTime(config)) return {};
  return { eventAt: eventTimeOf(time) };
}

/** The dialog as it was, in a flow without event times. Without one nobody could tell whether an event comes late. */
function mayLackTime({ eventTime, eventTimeType, sinceField }: TransitionGuardConfig): boolean {
  const isDefault =
    eventTimeType === GUARD_DEFAULTS.eventTimeType && eventTime === GUARD_DEFAULTS.eventTime;
  return isDefault && sinceField.trim() === '';
}
