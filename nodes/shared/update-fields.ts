import type { Fields } from './fields';

/** One row of the "Compare as" table. */
export interface FieldTypeRow {
  name: string;
  type:
    'decimal' | 'integer' | 'date' | 'date-time' | 'guid' | 'lookup' | 'text' | 'code' | 'member';
  /** Decimal places, only for `decimal`; empty: exact. */
  scale: number | string;
  /** Only for `member`: which one of an object that is read stands for the value that is written. */
  member?: string;
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
    label: 'shared.label.scale',
  },
  member: {
    kind: 'text',
    value: '',
    required: true,
    when: 'type=member',
    label: 'shared.label.member',
  },
} as const satisfies Fields;

/** How a record is written and compared: the same for one record and for many. */
export const RULE_FIELDS = {
  /** Field that every write sets to its own time; empty: none. */
  stamp: { kind: 'text', value: '', label: 'shared.label.stamp' },
  /** Comma-separated fields that the decision depends on but that are not written. */
  guards: { kind: 'text', value: '', label: 'shared.label.guards' },
  rule: {
    kind: 'choice',
    value: 'report',
    options: ['report', 'theirs', 'overwrite', 'merge', 'decide'],
  },
  /** JSONata. */
  decision: { kind: 'text', value: '', when: 'rule=decide', own: true },
  /** One at a time per record. */
  serialize: { kind: 'flag', value: true, label: 'shared.label.serialize' },
  /** For the record's turn. */
  lockWait: {
    kind: 'number',
    value: 30,
    min: 0,
    max: 86_400,
    unit: 's',
    when: 'serialize=true',
    label: 'shared.label.lock-wait',
  },
  /** What it means that somebody else has set a field to the very value of ours. */
  sameValue: { kind: 'choice', value: 'automatic', options: ['automatic', 'done', 'conflict'] },
  fieldTypes: { kind: 'rows', value: [] as FieldTypeRow[], texts: ['name', 'type'], own: true },
  /** What the API says of its fields, where it was asked: `ApiTypes`. A row of `fieldTypes` counts before it. */
  apiTypes: { kind: 'object', value: {} },
  /** Holds the snapshot. */
  record: { kind: 'place', value: 'record', label: 'shared.label.record' },
  /** Receives the result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
  /** Holds a lease of record-lock. */
  lock: { kind: 'place', value: 'lock', label: 'shared.label.lock' },
  /** Holds the guard of transition-guard. */
  guard: { kind: 'place', value: 'guard', label: 'shared.label.guard' },
} as const satisfies Fields;
