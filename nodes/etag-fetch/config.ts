import type { ConfigOf, Fields } from '../shared/fields';
import { COLLECTION_FIELDS, ENDPOINT_FIELD, KEY_FIELDS } from '../shared/record-fields';

export const FETCH_FIELDS = {
  name: { kind: 'text', value: '' },
  endpoint: ENDPOINT_FIELD,
  ...COLLECTION_FIELDS,
  ...KEY_FIELDS,
  /** An empty list reads all fields. */
  fields: {
    kind: 'typed',
    value: '',
    bare: ['auto'],
    blank: ['str', 'msg'],
    label: 'etag-fetch.label.fields',
  },
  /** `auto`: the fields named by the changes in `msg.payload`; without changes, all fields. */
  fieldsType: { kind: 'choice', value: 'auto', options: ['auto', 'str', 'json', 'msg'] },
  /** Comma-separated fields that the decision depends on, read besides. */
  guards: { kind: 'text', value: '', label: 'shared.label.guards' },
  /** Receives the snapshot. */
  record: { kind: 'place', value: 'record', label: 'shared.label.record' },
  /** Receives the snapshots of many keys. */
  records: { kind: 'place', value: 'records', label: 'etag-fetch.label.records' },
  /** Holds the update result; of many keys an array of those that were not read. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
} as const satisfies Fields;

export type EtagFetchConfig = ConfigOf<typeof FETCH_FIELDS>;
