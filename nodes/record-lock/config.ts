import { fieldsWhen, type ConfigOf, type Fields } from '../shared/fields';
import { COLLECTION_FIELDS, ENDPOINT_FIELD, KEY_FIELDS } from '../shared/record-fields';

const ACQUIRING = 'action=acquire';
const SECONDS = { kind: 'number', min: 0.05, max: 86_400, unit: 's', when: ACQUIRING } as const;

export const LOCK_FIELDS = {
  name: { kind: 'text', value: '' },
  action: { kind: 'choice', value: 'acquire', options: ['acquire', 'release'] },
  ...fieldsWhen(ACQUIRING, { endpoint: ENDPOINT_FIELD, ...COLLECTION_FIELDS, ...KEY_FIELDS }),
  /** `address`: that of the record. `name`: one that other programs know too, used exactly as it is. */
  lockBy: { kind: 'choice', value: 'address', options: ['address', 'name'], when: ACQUIRING },
  /** `{id}` stands for the key, `{Field}` for a part of a composite one. */
  lockName: {
    kind: 'text',
    value: 'LOCK:ORDER:{id}',
    required: true,
    when: `${ACQUIRING};lockBy=name`,
    label: 'record-lock.label.lock-name',
    code: 'LOCK_NAME_INVALID',
  },
  /** For the lock. */
  wait: { ...SECONDS, value: 10, min: 0, label: 'record-lock.label.wait' },
  /** After it the lock frees itself. */
  lease: { ...SECONDS, value: 30, label: 'record-lock.label.lease' },
  /** Keep extending the lease while the message is under way, up to `maxHold`. */
  renew: { kind: 'flag', value: false, when: ACQUIRING, label: 'record-lock.label.renew' },
  maxHold: {
    ...SECONDS,
    value: 300,
    min: 0,
    when: `${ACQUIRING};renew=true`,
    label: 'record-lock.label.max-hold',
  },
  /** Messages that may wait for one record. */
  queueLimit: {
    kind: 'number',
    value: 100,
    min: 0,
    max: 1_000_000,
    whole: true,
    when: ACQUIRING,
    label: 'record-lock.label.queue-limit',
  },
  /** Carries the lease. */
  lock: { kind: 'place', value: 'lock', label: 'shared.label.lock' },
  /** Holds the update result. */
  result: { kind: 'place', value: 'update', when: ACQUIRING, label: 'shared.label.result' },
  /** 2 when acquiring (acquired, not acquired), 1 when releasing. */
  outputs: { kind: 'outputs', value: 2 },
} as const satisfies Fields;

export type RecordLockConfig = ConfigOf<typeof LOCK_FIELDS>;
