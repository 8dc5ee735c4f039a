import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';
import { COLLECTION_FIELDS, ENDPOINT_FIELD, KEY_FIELDS } from '../shared/record-fields';

/** One row of the "Compare as" table. */
export interface FieldTypeRow {
  name: string;
  type: 'decimal' | 'integer' | 'date' | 'date-time' | 'guid' | 'lookup' | 'text' | 'code';
  /** Decimal places, only for `decimal`; empty: exact. */
  scale: number | string;
}

/** What a row of that table holds besides name and type. */
export const FIELD_TYPE_ROW = {
  scale: {
    kind: 'number',
    value: '',
    min: 0,
    max: 30,
    whole: true,
    blank: true,
    when: 'type=decimal',
    label: 'conditional-update.label.scale',
  },
} as const satisfies Fields;

/** One row of the table that builds the changes: a field of the record and what to write into it. */
export interface FieldRow {
  field: string;
  value: string;
  /** `record`: an expression over the record as it was just read; `add`: an amount to add to the field. */
  valueType:
    | 'msg'
    | 'str'
    | 'num'
    | 'bool'
    | 'json'
    | 'jsonata'
    | 'flow'
    | 'global'
    | 'env'
    | 'record'
    | 'add';
  /** Where there is no value, the field is left out; otherwise that is an error. */
  optional: boolean;
}

export const UPDATE_FIELDS = {
  name: { kind: 'text', value: '' },
  endpoint: ENDPOINT_FIELD,
  ...COLLECTION_FIELDS,
  ...KEY_FIELDS,
  changes: {
    kind: 'typed',
    value: 'payload',
    bare: ['fields'],
    jsonata: ['computed'],
    label: 'conditional-update.label.changes',
  },
  /** `fields`: the changes are built by the table. `computed`: by one expression over the record just read. */
  changesType: {
    kind: 'choice',
    value: 'msg',
    options: ['msg', 'json', 'flow', 'global', 'jsonata', 'fields', 'computed'],
  },
  fields: { kind: 'rows', value: [] as FieldRow[], when: 'changesType=fields', own: true },
  /** `ACTION`: a bound action is called with POST instead of writing the changes. */
  method: {
    kind: 'choice',
    value: 'PATCH',
    options: ['PATCH', 'PUT', 'MERGE', 'ACTION'],
    own: true,
  },
  /** Name of the action, for example `Microsoft.Dynamics.CRM.UpdateOrderStatus`. */
  action: {
    kind: 'text',
    value: '',
    required: true,
    when: 'method=ACTION',
    label: 'conditional-update.label.action',
    missing: 'ACTION_MISSING',
  },
  /** Parameters of the action; with type `changes` they are the changes. */
  parameters: {
    kind: 'typed',
    value: '',
    bare: ['changes'],
    when: 'method=ACTION',
    label: 'conditional-update.label.parameters',
  },
  parametersType: {
    kind: 'choice',
    value: 'changes',
    options: ['changes', 'msg', 'json', 'flow', 'global', 'jsonata'],
  },
  /** Field that every write sets to its own time; empty: none. */
  stamp: { kind: 'text', value: '', label: 'conditional-update.label.stamp' },
  /** `resolve`: re-reads, decides and retries by itself. `once`: one attempt per message, for a wired loop. */
  mode: { kind: 'choice', value: 'resolve', options: ['resolve', 'once'] },
  /** Comma-separated fields that the decision depends on but that are not written. */
  guards: { kind: 'text', value: '', label: 'shared.label.guards' },
  rule: {
    kind: 'choice',
    value: 'report',
    options: ['report', 'theirs', 'overwrite', 'merge', 'decide'],
  },
  /** JSONata. */
  decision: { kind: 'text', value: '', when: 'rule=decide', own: true },
  /** Write whatever the version is (`If-Match: *`). Never creates a record. */
  force: { kind: 'flag', value: false, label: 'conditional-update.label.force' },
  /** One at a time per record. */
  serialize: { kind: 'flag', value: true, label: 'conditional-update.label.serialize' },
  /** For the record's turn. */
  lockWait: {
    kind: 'number',
    value: 30,
    min: 0,
    max: 86_400,
    unit: 's',
    when: 'serialize=true',
    label: 'conditional-update.label.lock-wait',
  },
  /** What it means that somebody else has set a field to the very value of ours. */
  sameValue: { kind: 'choice', value: 'automatic', options: ['automatic', 'done', 'conflict'] },
  fieldTypes: { kind: 'rows', value: [] as FieldTypeRow[], own: true },
  /** Holds the snapshot. */
  record: { kind: 'place', value: 'record', label: 'shared.label.record' },
  /** Receives the result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
  /** Holds a lease of record-lock. */
  lock: { kind: 'place', value: 'lock', label: 'shared.label.lock' },
  /** Holds the guard of transition-guard. */
  guard: { kind: 'place', value: 'guard', label: 'shared.label.guard' },
} as const satisfies Fields;

export type ConditionalUpdateConfig = ConfigOf<typeof UPDATE_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const UPDATE_DEFAULTS: ConditionalUpdateConfig = defaultsOf(UPDATE_FIELDS);
