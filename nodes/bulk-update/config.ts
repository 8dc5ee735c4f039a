import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';
import { COLLECTION_FIELDS, ENDPOINT_FIELD, KEY_FIELDS } from '../shared/record-fields';
import { RULE_FIELDS } from '../shared/update-fields';

const LIST = 'input=list';
const SINGLE = 'input=messages|sequence';

/** Most records of one run: beyond that something is wrong with the flow. */
export const MOST_ITEMS = 100_000;

export const BULK_FIELDS = {
  name: { kind: 'text', value: '' },
  endpoint: ENDPOINT_FIELD,
  ...COLLECTION_FIELDS,
  /** `list`: one array of items. `messages`: single ones, collected. `sequence`: the parts of a split message. */
  input: { kind: 'choice', value: 'list', options: ['list', 'messages', 'sequence'] },
  list: { kind: 'typed', value: 'payload', when: LIST, label: 'bulk-update.label.list' },
  listType: {
    kind: 'choice',
    value: 'msg',
    options: ['msg', 'flow', 'global', 'json', 'jsonata'],
  },
  /** Member of an item that is its key; several, separated by commas, make a composite one. */
  keyMember: {
    kind: 'text',
    value: 'key',
    required: true,
    when: LIST,
    label: 'bulk-update.label.key-member',
    missing: 'MEMBER_MISSING',
  },
  /** Member that holds the changes; empty: every member that is not part of the key is a change. */
  changesMember: {
    kind: 'text',
    value: 'changes',
    when: LIST,
    label: 'bulk-update.label.changes-member',
  },
  snapshotMember: {
    kind: 'text',
    value: 'record',
    when: `${LIST};changesMember!=`,
    label: 'bulk-update.label.snapshot-member',
  },
  guardMember: {
    kind: 'text',
    value: 'guard',
    when: `${LIST};changesMember!=`,
    label: 'bulk-update.label.guard-member',
  },
  key: { ...KEY_FIELDS.key, when: SINGLE },
  keyType: KEY_FIELDS.keyType,
  changes: { kind: 'typed', value: 'payload', when: SINGLE, label: 'bulk-update.label.changes' },
  changesType: {
    kind: 'choice',
    value: 'msg',
    options: ['msg', 'json', 'flow', 'global', 'jsonata'],
  },
  /** So many messages make a run. */
  collectCount: {
    kind: 'number',
    value: 500,
    min: 1,
    max: MOST_ITEMS,
    whole: true,
    when: 'input=messages',
    label: 'bulk-update.label.collect-count',
  },
  /** Since the first of them, a run begins with fewer. */
  collectTime: {
    kind: 'number',
    value: 2,
    min: 0.01,
    max: 86_400,
    unit: 's',
    when: 'input=messages',
    label: 'bulk-update.label.collect-time',
  },
  method: { kind: 'choice', value: 'PATCH', options: ['PATCH', 'PUT', 'MERGE'], own: true },
  /** All or nothing. */
  atomic: { kind: 'flag', value: false, label: 'bulk-update.label.atomic' },
  /** To begin with; it follows conflicts and what the API answers. */
  batchSize: {
    kind: 'number',
    value: 50,
    min: 1,
    max: 10_000,
    whole: true,
    when: 'atomic!=true',
    label: 'bulk-update.label.batch-size',
  },
  /** Requests of a run under way at a time; empty: a few. */
  parallel: {
    kind: 'number',
    value: '',
    min: 1,
    max: 1000,
    whole: true,
    blank: true,
    label: 'bulk-update.label.parallel',
  },
  /** Between two batches; empty: as the endpoint says. */
  settlePause: {
    kind: 'number',
    value: '',
    min: 0,
    max: 3600,
    unit: 's',
    blank: true,
    label: 'bulk-update.label.settle-pause',
  },
  /** Of a list: `each`: one message per record. `array`: one message with all that are done, one with the others. */
  output: { kind: 'choice', value: 'each', options: ['each', 'array'], when: LIST },
  /** Messages that tell how far it is leave by a third output. */
  progress: { kind: 'flag', value: false, label: 'bulk-update.label.progress' },
  outputs: { kind: 'outputs', value: 2 },
  ...RULE_FIELDS,
} as const satisfies Fields;

export type BulkUpdateConfig = ConfigOf<typeof BULK_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const BULK_DEFAULTS: BulkUpdateConfig = defaultsOf(BULK_FIELDS);
