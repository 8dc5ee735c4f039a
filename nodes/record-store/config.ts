import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';

export const STORE_FIELDS = {
  name: { kind: 'text', value: '' },
  /** `file`: what was confirmed survives a restart of Node-RED. `memory`: it does not. */
  keep: { kind: 'choice', value: 'file', options: ['file', 'memory'] },
  /** Most event ids to remember at one time; more would not fit into one process. */
  limit: {
    kind: 'number',
    value: 1_000_000,
    min: 1,
    max: 10_000_000,
    whole: true,
    label: 'record-store.label.limit',
  },
} as const satisfies Fields;

export type RecordStoreConfig = ConfigOf<typeof STORE_FIELDS>;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const STORE_DEFAULTS: RecordStoreConfig = defaultsOf(STORE_FIELDS);
