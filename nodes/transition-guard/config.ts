import type { MachineState } from '../../lib/lifecycle/machine';
import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';

const OPEN = 'openRule=any|other|newer';

export const GUARD_FIELDS = {
  name: { kind: 'text', value: '' },
  /** Holds the changes. */
  changes: { kind: 'place', value: 'payload', label: 'transition-guard.label.changes' },
  /** Holds the status, in the record and in the changes. */
  field: {
    kind: 'text',
    value: 'status',
    required: true,
    label: 'transition-guard.label.field',
    missing: 'FIELD_MISSING',
  },
  /** Whether the statuses are text or numbers. */
  stateType: { kind: 'choice', value: 'text', options: ['text', 'number'] },
  /** The state machine, a row per state. */
  states: { kind: 'rows', value: [] as MachineState[], own: true },
  /** `here`: required fields must be in the changes or in the record. `update`: conditional-update adds them, and checks. */
  required: { kind: 'choice', value: 'here', options: ['here', 'update'] },
  /** Time of the event; empty: not known. */
  eventTime: {
    kind: 'typed',
    value: 'event.at',
    blank: ['msg', 'jsonata', 'flow', 'global'],
    label: 'transition-guard.label.event-time',
  },
  eventTimeType: { kind: 'choice', value: 'msg', options: ['msg', 'jsonata', 'flow', 'global'] },
  /** Field of the record with the time since when it is in its status; empty: none. */
  sinceField: { kind: 'text', value: '', label: 'transition-guard.label.since-field' },
  /** When the record counts as open in an operator's terminal. */
  openRule: { kind: 'choice', value: 'off', options: ['off', 'any', 'other', 'newer'] },
  /** Names who has the record open. */
  openByField: {
    kind: 'text',
    value: '',
    required: 'openRule=any|other',
    when: OPEN,
    label: 'transition-guard.label.open-by',
    missing: 'FIELD_MISSING',
  },
  /** Holds the time since when. */
  openAtField: {
    kind: 'text',
    value: '',
    required: 'openRule=newer',
    when: OPEN,
    label: 'transition-guard.label.open-at',
    missing: 'FIELD_MISSING',
  },
  /** What the field holds when it is us. */
  openOurs: {
    kind: 'text',
    value: '',
    required: true,
    when: 'openRule=other',
    label: 'transition-guard.label.open-ours',
    missing: 'FIELD_MISSING',
  },
  openMinutes: {
    kind: 'number',
    value: 15,
    min: 0.1,
    max: 10_080,
    unit: 'min',
    when: 'openRule=newer',
    label: 'transition-guard.label.open-minutes',
  },
  /** What a record that is open leads to: the outcome `busy`, or `retry` for a wired loop that holds the message. */
  whenOpen: { kind: 'choice', value: 'busy', options: ['busy', 'retry'], when: OPEN },
  /** A field that the record does not show counts as empty. */
  missingMeansEmpty: {
    kind: 'flag',
    value: false,
    label: 'transition-guard.label.missing-means-empty',
  },
  /** Send the steps of the shortest path, one message each, where the status cannot be reached in one. */
  steps: { kind: 'flag', value: false, label: 'transition-guard.label.steps' },
  /** Holds the snapshot. */
  record: { kind: 'place', value: 'record', label: 'shared.label.record' },
  /** Receives the guard. */
  guard: { kind: 'place', value: 'guard', label: 'shared.label.guard' },
  /** Receives the result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
} as const satisfies Fields;

export type TransitionGuardConfig = ConfigOf<typeof GUARD_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const GUARD_DEFAULTS: TransitionGuardConfig = defaultsOf(GUARD_FIELDS);
