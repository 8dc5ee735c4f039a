import { defaultsOf, fieldsWhen, type ConfigOf, type Fields } from '../shared/fields';
import { KEY_FIELDS } from '../shared/record-fields';

const CHECKING = 'action=check|check-confirm';
const SAME = `${CHECKING};same=true`;
const SECONDS = { kind: 'number', min: 0.05, max: 86_400, unit: 's' } as const;

export const DEDUPE_FIELDS = {
  name: { kind: 'text', value: '' },
  /** `check`: claims the event, to be confirmed later. `check-confirm`: both at once. */
  action: {
    kind: 'choice',
    value: 'check',
    options: ['check', 'check-confirm', 'confirm', 'forget'],
  },
  store: {
    kind: 'node',
    value: '',
    type: 'record-store',
    required: true,
    label: 'event-dedupe.label.store',
  },
  /** What tells events apart. Not `id`: that is the node's own. */
  eventId: {
    kind: 'typed',
    value: 'event.id',
    when: CHECKING,
    label: 'event-dedupe.label.event-id',
  },
  eventIdType: { kind: 'choice', value: 'msg', options: ['msg', 'jsonata', 'flow', 'global'] },
  /** How long a confirmed event is remembered. */
  window: {
    kind: 'number',
    value: 24,
    min: 1,
    max: 1_000_000,
    when: CHECKING,
    label: 'event-dedupe.label.window',
  },
  windowUnit: { kind: 'choice', value: 'hours', options: ['seconds', 'minutes', 'hours'] },
  /** After it a claim that was neither confirmed nor forgotten ends. */
  claim: { ...SECONDS, value: 300, when: 'action=check', label: 'event-dedupe.label.claim' },
  /** Also treat as a duplicate: the same record sent to the same status again, whatever the event's id. */
  same: { kind: 'flag', value: false, when: CHECKING, label: 'event-dedupe.label.same' },
  sameWindow: { ...SECONDS, value: 60, when: SAME, label: 'event-dedupe.label.same-window' },
  ...fieldsWhen(SAME, KEY_FIELDS),
  /** The status an event asks for. */
  target: {
    kind: 'typed',
    value: 'payload.status',
    when: SAME,
    label: 'event-dedupe.label.target',
  },
  targetType: {
    kind: 'choice',
    value: 'msg',
    options: ['msg', 'str', 'jsonata', 'flow', 'global'],
  },
  /** Carries the claim; members it already has stay. */
  event: { kind: 'place', value: 'event', label: 'event-dedupe.label.event' },
  /** 2 when checking (first, duplicate), else 1. */
  outputs: { kind: 'outputs', value: 2 },
} as const satisfies Fields;

export type EventDedupeConfig = ConfigOf<typeof DEDUPE_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const DEDUPE_DEFAULTS: EventDedupeConfig = defaultsOf(DEDUPE_FIELDS);
