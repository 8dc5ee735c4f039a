export type ConflictRuleName = 'report' | 'theirs' | 'overwrite' | 'merge' | 'decide';

/** One row of the "Compare as" table. */
export interface FieldTypeRow {
  name: string;
  type: 'decimal' | 'integer' | 'date' | 'date-time' | 'guid' | 'lookup' | 'text';
  /** Decimal places, only for `decimal`; empty: exact. */
  scale: number | string;
}

/** One row of the table that builds the changes: a field of the record and what to write into it. */
export interface FieldRow {
  field: string;
  value: string;
  valueType: 'msg' | 'str' | 'num' | 'bool' | 'json' | 'jsonata' | 'flow' | 'global' | 'env';
  /** Where there is no value, the field is left out; otherwise that is an error. */
  optional: boolean;
}

export interface ConditionalUpdateConfig {
  name: string;
  endpoint: string;
  collection: string;
  collectionType: 'str' | 'msg' | 'flow' | 'global' | 'env' | 'jsonata';
  key: string;
  keyType: 'msg' | 'str' | 'num' | 'json' | 'flow' | 'global' | 'env' | 'jsonata';
  changes: string;
  /** `fields`: the changes are built by the table. */
  changesType: 'msg' | 'json' | 'flow' | 'global' | 'jsonata' | 'fields';
  /** Only with type `fields`. */
  fields: FieldRow[];
  /** `ACTION`: a bound action is called with POST instead of writing the changes. */
  method: 'PATCH' | 'PUT' | 'MERGE' | 'ACTION';
  /** Name of the action, for example `Microsoft.Dynamics.CRM.UpdateOrderStatus`. */
  action: string;
  /** Parameters of the action; with type `changes` they are the changes. */
  parameters: string;
  parametersType: 'changes' | 'msg' | 'json' | 'flow' | 'global' | 'jsonata';
  /** Field that every write sets to its own time; empty: none. */
  stamp: string;
  /** `resolve`: re-reads, decides and retries by itself. `once`: one attempt per message, for a wired loop. */
  mode: 'resolve' | 'once';
  /** Comma-separated fields that the decision depends on but that are not written. */
  guards: string;
  rule: ConflictRuleName;
  /** JSONata, only with rule `decide`. */
  decision: string;
  /** Write whatever the version is (`If-Match: *`). Never creates a record. */
  force: boolean;
  /** One at a time per record. */
  serialize: boolean;
  /** Seconds to wait for the record's turn. */
  lockWait: number | string;
  fieldTypes: FieldTypeRow[];
  /** Message property of the snapshot, usually `record`. */
  record: string;
  /** Message property that receives the result, usually `update`. */
  result: string;
  /** Message property of a lease held by record-lock, usually `lock`. */
  lock: string;
  /** Message property of the guard set by transition-guard, usually `guard`. */
  guard: string;
}

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const UPDATE_DEFAULTS: ConditionalUpdateConfig = {
  name: '',
  endpoint: '',
  collection: '',
  collectionType: 'str',
  key: 'key',
  keyType: 'msg',
  changes: 'payload',
  changesType: 'msg',
  fields: [],
  method: 'PATCH',
  action: '',
  parameters: '',
  parametersType: 'changes',
  stamp: '',
  mode: 'resolve',
  guards: '',
  rule: 'report',
  decision: '',
  force: false,
  serialize: true,
  lockWait: 30,
  fieldTypes: [],
  record: 'record',
  result: 'update',
  lock: 'lock',
  guard: 'guard',
};
