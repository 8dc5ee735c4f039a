import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';

const DAYS = { kind: 'number', min: 1, max: 3650 } as const;

export const DEAD_LETTER_FIELDS = {
  name: { kind: 'text', value: '' },
  store: {
    kind: 'node',
    value: '',
    type: 'record-store',
    required: true,
    label: 'dead-letter.label.store',
  },
  /** Settled entries are kept for so many days. */
  keepSettled: { ...DAYS, value: 30, label: 'dead-letter.label.keep-settled' },
  /** Open ones that nobody has done anything with leave after so many. */
  keepOpen: { ...DAYS, value: 180, label: 'dead-letter.label.keep-open' },
  /** Entries of any state. */
  limit: {
    kind: 'number',
    value: 10_000,
    min: 1,
    max: 100_000,
    whole: true,
    label: 'dead-letter.label.limit',
  },
  /** Of all of them, in megabytes. */
  limitSize: {
    kind: 'number',
    value: 64,
    min: 1,
    max: 1024,
    label: 'dead-letter.label.limit-size',
  },
  /** Of one entry. */
  entrySize: {
    kind: 'number',
    value: 16,
    min: 2,
    max: 1024,
    unit: 'KB',
    label: 'dead-letter.label.entry-size',
  },
  /** Of many at once. */
  perSecond: {
    kind: 'number',
    value: 10,
    min: 0.1,
    max: 1000,
    label: 'dead-letter.label.per-second',
  },
  /** Nodes with the same one, in any Node-RED on the same store, share their entries; empty: the id of this node. */
  listName: { kind: 'text', value: '' },
  /** Holds the update result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
  /** Holds the latest snapshot. */
  record: { kind: 'place', value: 'record', label: 'shared.label.record' },
  /** Holds what a control message asks for, and what was done. */
  review: { kind: 'place', value: 'review', label: 'dead-letter.label.review' },
} as const satisfies Fields;

export type DeadLetterConfig = ConfigOf<typeof DEAD_LETTER_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const DEAD_LETTER_DEFAULTS: DeadLetterConfig = defaultsOf(DEAD_LETTER_FIELDS);
