import { defaultsOf, fieldsWhen, type ConfigOf, type Fields } from '../shared/fields';
import { HOURS_FIELDS } from '../shared/hours-fields';
import { KEY_FIELDS } from '../shared/record-fields';

const QUEUEING = 'action=queue';
const COMBINING = `${QUEUEING};mode=merge|newest`;
const HOLDING = `${QUEUEING};hold=true`;
const PEAK = `${QUEUEING};peak=true`;

/** Most updates that may wait: more would not fit into one process. */
const MOST_WAITING = 1_000_000;

const COUNT = { kind: 'number', min: 1, whole: true, when: QUEUEING } as const;
const PERCENT = { kind: 'number', min: 0, max: 100, unit: '%', when: HOLDING } as const;
const MINUTES = { kind: 'number', min: 0.05, max: 60, unit: 'min', when: QUEUEING } as const;

export const QUEUE_FIELDS = {
  name: { kind: 'text', value: '' },
  /** `queue`: takes updates and hands them on. `settle`: says what became of one that was handed on. */
  action: { kind: 'choice', value: 'queue', options: ['queue', 'settle'] },
  store: {
    kind: 'node',
    value: '',
    type: 'record-store',
    required: true,
    when: QUEUEING,
    label: 'update-queue.label.store',
  },
  ...fieldsWhen(QUEUEING, KEY_FIELDS),
  /** Holds the changes, as conditional-update finds them. */
  changes: {
    kind: 'place',
    value: 'payload',
    when: QUEUEING,
    label: 'update-queue.label.changes',
  },
  /** What becomes of several updates of one record that wait (`QueueMode`). */
  mode: {
    kind: 'choice',
    value: 'merge',
    options: ['merge', 'newest', 'order'],
    when: QUEUEING,
  },
  /** Comma-separated; an update that names one of them keeps its place. */
  statusFields: { kind: 'text', value: '', when: COMBINING },
  /** Whether this one keeps its place. */
  inOrder: {
    kind: 'typed',
    value: '',
    bare: ['never'],
    when: COMBINING,
    label: 'update-queue.label.in-order',
  },
  inOrderType: {
    kind: 'choice',
    value: 'never',
    options: ['never', 'msg', 'jsonata', 'flow', 'global'],
  },
  /** When it happened; `none`: when it came. */
  eventTime: {
    kind: 'typed',
    value: '',
    bare: ['none'],
    when: COMBINING,
    label: 'update-queue.label.event-time',
  },
  eventTimeType: {
    kind: 'choice',
    value: 'none',
    options: ['none', 'msg', 'jsonata', 'flow', 'global'],
  },
  /** Not handed on before; `none`: at once. */
  notBefore: {
    kind: 'typed',
    value: '',
    bare: ['none'],
    when: QUEUEING,
    label: 'update-queue.label.not-before',
  },
  notBeforeType: {
    kind: 'choice',
    value: 'none',
    options: ['none', 'msg', 'jsonata', 'flow', 'global'],
  },
  /** In flight at a time, in all processes together. */
  parallel: { ...COUNT, value: 10, max: 1000, label: 'update-queue.label.parallel' },
  /** `held`: what has piled up in a hold. `always`: everything. */
  batches: { kind: 'choice', value: 'held', options: ['held', 'always'], when: QUEUEING },
  batchSize: { ...COUNT, value: 12, max: 10_000, label: 'update-queue.label.batch-size' },
  /** From the first update of a batch to the first of the next one. */
  batchPause: {
    kind: 'number',
    value: 2,
    min: 0.05,
    max: 3600,
    unit: 's',
    when: QUEUEING,
    label: 'update-queue.label.batch-pause',
  },
  /** After it an update that nobody has settled comes back. */
  lease: {
    kind: 'number',
    value: 120,
    min: 1,
    max: 86_400,
    unit: 's',
    when: QUEUEING,
    label: 'update-queue.label.lease',
  },
  /** How often an update is handed on before it is given up. */
  tries: { ...COUNT, value: 8, max: 1000, label: 'update-queue.label.tries' },
  /** Updates that may wait. */
  limit: { ...COUNT, value: 100_000, max: MOST_WAITING, label: 'update-queue.label.limit' },
  /** One update as JSON, its message and its changes together. */
  largest: {
    kind: 'number',
    value: 1024,
    min: 1,
    max: 102_400,
    unit: 'KB',
    when: QUEUEING,
    label: 'update-queue.label.largest',
  },
  /** Beyond that: `refuse` the new one, or let the `oldest` leave as superseded. */
  whenFull: { kind: 'choice', value: 'refuse', options: ['refuse', 'oldest'], when: QUEUEING },
  /** Collect for a while when many updates meet conflicts. */
  hold: { kind: 'flag', value: true, when: QUEUEING, label: 'update-queue.label.hold' },
  /** Of the updates of the last minutes, that met a conflict: it begins above, and ends below the other. */
  holdFrom: { ...PERCENT, value: 30, label: 'update-queue.label.hold-from' },
  holdTo: { ...PERCENT, value: 15, own: true, label: 'update-queue.label.hold-to' },
  /** How long one lasts, by chance between the two. */
  holdShortest: { ...MINUTES, value: 2, label: 'update-queue.label.hold-shortest' },
  holdLongest: { ...MINUTES, value: 3, own: true, label: 'update-queue.label.hold-longest' },
  /** The same in known busy hours, whatever the conflicts. */
  peak: { kind: 'flag', value: false, when: QUEUEING, label: 'update-queue.label.peak' },
  ...fieldsWhen(PEAK, HOURS_FIELDS),
  /** Nodes with the same one, in any Node-RED on the same store, share their updates; empty: the id of this node. */
  queueName: { kind: 'text', value: '', when: QUEUEING },
  /** Answers to control messages leave by a fourth output. */
  counters: { kind: 'flag', value: false, when: QUEUEING, label: 'update-queue.label.counters' },
  /** How an update ends: by its result, or as this node says. */
  settleAs: {
    kind: 'choice',
    value: 'result',
    options: ['result', 'done', 'again', 'given-up'],
    when: 'action=settle',
  },
  /** Carries the ticket. */
  ticket: { kind: 'place', value: 'queue', label: 'shared.label.ticket' },
  /** Holds the update result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
  /** Holds the snapshot that the changes were decided on. */
  record: { kind: 'place', value: 'record', when: QUEUEING, label: 'shared.label.record' },
  /** Holds the guard of transition-guard. */
  guard: { kind: 'place', value: 'guard', when: QUEUEING, label: 'shared.label.guard' },
  /** 3 or, with counters, 4. */
  outputs: { kind: 'outputs', value: 3 },
} as const satisfies Fields;

export type UpdateQueueConfig = ConfigOf<typeof QUEUE_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const QUEUE_DEFAULTS: UpdateQueueConfig = defaultsOf(QUEUE_FIELDS);
