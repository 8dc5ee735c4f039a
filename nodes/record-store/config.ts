import { defaultsOf, type ConfigOf, type Fields } from '../shared/fields';

const REDIS = 'keep=redis';

export const STORE_FIELDS = {
  name: { kind: 'text', value: '' },
  /**
   * `file`: what was confirmed survives a restart of Node-RED. `memory`: it does not. `redis`: every Node-RED on the same
   * Redis or Valkey knows of it, and of the locks.
   */
  keep: { kind: 'choice', value: 'file', options: ['file', 'memory', 'redis'] },
  /** As `parseAddress` reads it. */
  server: {
    kind: 'text',
    value: '',
    required: true,
    when: REDIS,
    label: 'record-store.label.server',
    code: 'STORE_ADDRESS_INVALID',
  },
  tls: {
    kind: 'node',
    value: '',
    type: 'tls-config',
    when: REDIS,
    label: 'record-store.label.tls',
  },
  /** Begins the name of every key. */
  prefix: {
    kind: 'text',
    value: 'record-updates:',
    required: true,
    when: REDIS,
    label: 'record-store.label.prefix',
    code: 'STORE_PREFIX_INVALID',
  },
  /** What locks do while Redis cannot be reached. */
  outage: {
    kind: 'choice',
    value: 'wait',
    options: ['wait', 'busy', 'without'],
    when: REDIS,
    label: 'record-store.label.outage',
  },
  /** Most event ids to remember at one time; more would not fit into one process. */
  limit: {
    kind: 'number',
    value: 1_000_000,
    min: 1,
    max: 10_000_000,
    whole: true,
    when: 'keep=file|memory',
    label: 'record-store.label.limit',
  },
} as const satisfies Fields;

export type RecordStoreConfig = ConfigOf<typeof STORE_FIELDS>;

/** With `keep` redis. */
export const STORE_CREDENTIALS = {
  user: { type: 'text' },
  password: { type: 'password' },
} as const;

export type RecordStoreCredentials = {
  -readonly [Name in keyof typeof STORE_CREDENTIALS]?: string;
};

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const STORE_DEFAULTS: RecordStoreConfig = defaultsOf(STORE_FIELDS);
