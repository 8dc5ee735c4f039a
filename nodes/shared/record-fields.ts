import type { Fields } from './fields';

/** Which record: its key, in the message unless it is said otherwise. */
export const KEY_FIELDS = {
  key: { kind: 'typed', value: 'key', label: 'shared.label.key' },
  keyType: {
    kind: 'choice',
    value: 'msg',
    options: ['msg', 'str', 'num', 'json', 'flow', 'global', 'env', 'jsonata'],
  },
} as const satisfies Fields;

/** Where the records are. */
export const COLLECTION_FIELDS = {
  collection: { kind: 'typed', value: '', required: true, label: 'shared.label.collection' },
  collectionType: {
    kind: 'choice',
    value: 'str',
    options: ['str', 'msg', 'flow', 'global', 'env', 'jsonata'],
  },
} as const satisfies Fields;

/** An endpoint that is always needed. */
export const ENDPOINT_FIELD = {
  kind: 'node',
  value: '',
  type: 'record-endpoint',
  required: true,
  label: 'shared.label.endpoint',
} as const satisfies Fields[string];
