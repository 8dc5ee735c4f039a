import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';
import { COLLECTION_FIELDS, ENDPOINT_FIELD, KEY_FIELDS } from '../shared/record-fields';
import { RULE_FIELDS } from '../shared/update-fields';

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
  fields: {
    kind: 'rows',
    value: [] as FieldRow[],
    texts: ['field', 'value', 'valueType'],
    when: 'changesType=fields',
    own: true,
  },
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
  /** `resolve`: re-reads, decides and retries by itself. `once`: one attempt per message, for a wired loop. */
  mode: { kind: 'choice', value: 'resolve', options: ['resolve', 'once'] },
  /** Write whatever the version is (`If-Match: *`). Never creates a record. */
  force: { kind: 'flag', value: false, label: 'conditional-update.label.force' },
  ...RULE_FIELDS,
  /** Holds a ticket of update-queue. */
  ticket: { kind: 'place', value: 'queue', label: 'shared.label.ticket' },
} as const satisfies Fields;

export type ConditionalUpdateConfig = ConfigOf<typeof UPDATE_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const UPDATE_DEFAULTS: ConditionalUpdateConfig = defaultsOf(UPDATE_FIELDS);
