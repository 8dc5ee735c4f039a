import {
  defaultsOf,
  type Clash,
  type ConfigOf,
  type Fields,
  type ReadField,
} from '../shared/fields';

const REDIS = 'keep=redis';
const SENTINEL = `${REDIS};mode=sentinel`;

export const STORE_FIELDS = {
  name: { kind: 'text', value: '' },
  /**
   * `file`: what was confirmed survives a restart of Node-RED. `memory`: it does not. `redis`: every Node-RED on the same
   * Redis or Valkey knows of it, and of the locks.
   */
  keep: { kind: 'choice', value: 'file', options: ['file', 'memory', 'redis'] },
  /** What is at the addresses: the server itself, sentinels that name it, or servers of a cluster. */
  mode: {
    kind: 'choice',
    value: 'one',
    options: ['one', 'sentinel', 'cluster'],
    when: REDIS,
    label: 'record-store.label.mode',
  },
  /** As `parseAddress` and `parseAddresses` read it. */
  server: {
    kind: 'text',
    value: '',
    required: true,
    when: REDIS,
    label: 'record-store.label.server',
    code: 'STORE_ADDRESS_INVALID',
    also: addressClash,
  },
  /** What the sentinels call it. */
  master: {
    kind: 'text',
    value: '',
    required: true,
    when: SENTINEL,
    label: 'record-store.label.master',
    code: 'STORE_MASTER_UNKNOWN',
  },
  /** Of one server it stands after the address, and a cluster has one only. */
  database: {
    kind: 'number',
    value: 0,
    min: 0,
    max: 99_999,
    whole: true,
    when: SENTINEL,
    label: 'record-store.label.database',
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

/** What an address may not have, as far as the dialog tells; the runtime reads it as a whole. */
function addressClash(value: unknown, other: ReadField): Clash {
  const text = String(value).trim();
  const mode = other('mode');
  if (text.includes('@')) return { key: 'record-store.errors.address-secret' };
  const isOne = mode !== 'sentinel' && mode !== 'cluster';
  if (isOne && /[,\n]/.test(text)) return { key: 'record-store.errors.address-one' };
  const hasDatabase = text.split(/[,\n]/).some(one => /^\s*(\w+:\/\/)?[^/]+\/0*[1-9]/.test(one));
  if (isOne || !hasDatabase) return undefined;
  return mode === 'sentinel'
    ? { key: 'record-store.errors.address-database-sentinel' }
    : { key: 'record-store.errors.address-database-cluster' };
}

export type RecordStoreConfig = ConfigOf<typeof STORE_FIELDS>;

/** With `keep` redis. */
export const STORE_CREDENTIALS = {
  user: { type: 'text' },
  password: { type: 'password' },
  sentinelUser: { type: 'text' },
  sentinelPassword: { type: 'password' },
} as const;

export type RecordStoreCredentials = {
  -readonly [Name in keyof typeof STORE_CREDENTIALS]?: string;
};

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const STORE_DEFAULTS: RecordStoreConfig = defaultsOf(STORE_FIELDS);
