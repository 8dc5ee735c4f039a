export type ConflictRuleName = 'report' | 'theirs' | 'overwrite' | 'merge' | 'decide';

/** One row of the "Compare as" table. */
export interface FieldTypeRow {
  name: string;
  type: 'decimal' | 'integer' | 'date' | 'date-time' | 'guid' | 'lookup' | 'text';
  /** Decimal places, only for `decimal`; empty: exact. */
  scale: number | string;
}

export interface ConditionalUpdateConfig {
  name: string;
  endpoint: string;
  collection: string;
  collectionType: 'str' | 'msg' | 'flow' | 'global' | 'env' | 'jsonata';
  key: string;
  keyType: 'msg' | 'str' | 'num' | 'json' | 'flow' | 'global' | 'env' | 'jsonata';
  changes: string;
  changesType: 'msg' | 'json' | 'flow' | 'global' | 'jsonata';
  method: 'PATCH' | 'PUT';
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
}
