import { defaultsOf, type ConfigOf, type Fields } from './fields';

const DAY = 86_400;
const COUNT = { min: 0, max: 1000, whole: true } as const;
const SECONDS = { min: 0, max: DAY, unit: 's' } as const;

/** Per request. */
export const TIMEOUT = { kind: 'number', value: 10, min: 0.05, max: 600, unit: 's' } as const;

/** The retry fields, which two dialogs have. */
export const RETRY_FIELDS = {
  conflictRetries: { kind: 'number', value: 8, ...COUNT, label: 'shared.label.conflict-retries' },
  transientRetries: { kind: 'number', value: 4, ...COUNT, label: 'shared.label.transient-retries' },
  /** For the whole update. */
  deadline: { kind: 'number', value: 30, ...SECONDS, min: 0.1, label: 'shared.label.deadline' },
  timeout: { ...TIMEOUT, label: 'shared.label.timeout' },
  schedule: { kind: 'choice', value: 'exponential', options: ['exponential', 'list'] },
  /** Empty: near the observed round trip. */
  base: {
    kind: 'number',
    value: '',
    ...SECONDS,
    blank: true,
    when: 'schedule=exponential',
    label: 'shared.label.base',
  },
  factor: {
    kind: 'number',
    value: 2,
    min: 1,
    max: 100,
    when: 'schedule=exponential',
    label: 'shared.label.factor',
  },
  cap: {
    kind: 'number',
    value: 2,
    ...SECONDS,
    when: 'schedule=exponential',
    label: 'shared.label.cap',
  },
  /** The last repeats. The longest is what a timer can wait. */
  waits: {
    kind: 'numbers',
    value: '0.5, 1.5, 4',
    min: 0,
    max: 2_147_483.647,
    unit: 's',
    when: 'schedule=list',
    label: 'shared.label.waits',
    code: 'RETRY_INVALID',
  },
  jitter: {
    kind: 'choice',
    value: 'full',
    options: ['full', 'equal', 'decorrelated', 'percent', 'none'],
  },
  jitterPercent: {
    kind: 'number',
    value: 10,
    min: 0,
    max: 100,
    unit: '%',
    when: 'jitter=percent',
    label: 'shared.label.jitter-percent',
  },
  firstAtOnce: { kind: 'flag', value: true, label: 'shared.label.first-at-once' },
} as const satisfies Fields;

/** Retry settings as the editor stores them: numbers may be text such as `${RETRIES}`. Times in seconds, as users think of them. */
export type RetryConfig = ConfigOf<typeof RETRY_FIELDS>;

/** What the retry fields hold before anybody changes them. */
export const RETRY_DEFAULTS: RetryConfig = defaultsOf(RETRY_FIELDS);
