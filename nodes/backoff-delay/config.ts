import { fieldsWhen, type ConfigOf, type Fields } from '../shared/fields';
import { KEY_FIELDS } from '../shared/record-fields';
import { RETRY_FIELDS, TIMEOUT } from '../shared/retry-config';

export const BACKOFF_FIELDS = {
  name: { kind: 'text', value: '' },
  /** `endpoint`: the endpoint's retry policy; `own`: the fields of this node. */
  policy: { kind: 'choice', value: 'endpoint', options: ['endpoint', 'own'] },
  endpoint: {
    kind: 'node',
    value: '',
    type: 'record-endpoint',
    required: true,
    when: 'policy=endpoint',
    label: 'shared.label.endpoint',
  },
  ...KEY_FIELDS,
  /** Holds the update result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
  ...fieldsWhen('policy=own', RETRY_FIELDS),
  /** Part of every policy, but without a row and a label: this node sends no requests. */
  timeout: TIMEOUT,
} as const satisfies Fields;

export type BackoffDelayConfig = ConfigOf<typeof BACKOFF_FIELDS>;
