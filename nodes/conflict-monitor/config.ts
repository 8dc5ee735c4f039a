import type { ConfigOf, Fields } from '../shared/fields';

const CONFLICT = 'conflictAlert=true';
const PERMANENT = 'permanentAlert=true';
const RETRY = 'retryAlert=true';

export const MONITOR_FIELDS = {
  name: { kind: 'text', value: '' },
  /** Empty: every endpoint, each by itself. */
  endpoint: {
    kind: 'node',
    value: '',
    type: 'record-endpoint',
    label: 'conflict-monitor.label.endpoint',
  },
  types: { kind: 'choice', value: 'together', options: ['together', 'each', 'one'] },
  recordType: {
    kind: 'text',
    value: '',
    required: true,
    when: 'types=one',
    label: 'conflict-monitor.label.record-type',
    code: 'TYPE_MISSING',
  },

  /** Share of the updates that met a conflict. */
  conflictAlert: { kind: 'flag', value: true, label: 'conflict-monitor.label.conflict-alert' },
  conflictAbove: {
    kind: 'number',
    value: 25,
    min: 0,
    max: 100,
    unit: '%',
    when: CONFLICT,
    label: 'conflict-monitor.label.above',
  },
  /** Beyond the threshold for so long. */
  conflictFor: {
    kind: 'number',
    value: 5,
    min: 0,
    max: 60,
    unit: 'min',
    when: CONFLICT,
    label: 'conflict-monitor.label.for',
  },
  conflictLeast: {
    kind: 'number',
    value: 20,
    min: 1,
    max: 1_000_000,
    whole: true,
    when: CONFLICT,
    label: 'conflict-monitor.label.least',
  },
  conflictClear: {
    kind: 'number',
    value: 15,
    min: 0,
    max: 100,
    unit: '%',
    when: CONFLICT,
    label: 'conflict-monitor.label.clear',
    own: true,
  },

  /** Conflicts that need a person, within an hour. */
  permanentAlert: { kind: 'flag', value: true, label: 'conflict-monitor.label.permanent-alert' },
  permanentAbove: {
    kind: 'number',
    value: 5,
    min: 0,
    max: 1_000_000,
    whole: true,
    when: PERMANENT,
    label: 'conflict-monitor.label.above-count',
  },
  permanentClear: {
    kind: 'number',
    value: 3,
    min: 0,
    max: 1_000_000,
    whole: true,
    when: PERMANENT,
    label: 'conflict-monitor.label.clear-count',
    own: true,
  },

  /** Share of the updates tried again that succeed, within an hour. */
  retryAlert: { kind: 'flag', value: true, label: 'conflict-monitor.label.retry-alert' },
  retryBelow: {
    kind: 'number',
    value: 90,
    min: 0,
    max: 100,
    unit: '%',
    when: RETRY,
    label: 'conflict-monitor.label.below',
  },
  retryLeast: {
    kind: 'number',
    value: 20,
    min: 1,
    max: 1_000_000,
    whole: true,
    when: RETRY,
    label: 'conflict-monitor.label.least-retried',
  },
  retryClear: {
    kind: 'number',
    value: 95,
    min: 0,
    max: 100,
    unit: '%',
    when: RETRY,
    label: 'conflict-monitor.label.clear-above',
    own: true,
  },

  /** Empty: only when a message comes. */
  summaryEvery: {
    kind: 'number',
    value: '',
    min: 1,
    max: 10_080,
    unit: 'min',
    blank: true,
    label: 'conflict-monitor.label.summary-every',
  },
  /** How far back a summary goes. */
  days: {
    kind: 'number',
    value: 7,
    min: 1,
    max: 90,
    whole: true,
    label: 'conflict-monitor.label.days',
  },
  /** In which hours of the day are told; empty: that of this machine. */
  zone: {
    kind: 'time-zone',
    value: '',
    label: 'conflict-monitor.label.zone',
    code: 'ZONE_INVALID',
  },

  /** A page of numbers below the admin root. */
  prometheus: { kind: 'flag', value: false, label: 'conflict-monitor.label.prometheus' },
  /** Numbers go to whichever SDK runs in this process. */
  openTelemetry: { kind: 'flag', value: false, label: 'conflict-monitor.label.open-telemetry' },
} as const satisfies Fields;

export type ConflictMonitorConfig = ConfigOf<typeof MONITOR_FIELDS>;

export const MONITOR_CREDENTIALS = {
  /** With it a scraper needs no sign-in. */
  scrapeToken: { type: 'password' },
} as const;

export interface ConflictMonitorCredentials {
  scrapeToken?: string;
}
