import type { Fields } from './fields';

/** Busy hours by the clock, as `parsePeakHours` reads them. */
export const HOURS_FIELDS = {
  /** `HH:MM`; `peakTo` earlier than `peakFrom` ends on the next day. */
  peakFrom: {
    kind: 'time',
    value: '14:00',
    label: 'shared.label.peak-from',
    code: 'PEAK_INVALID',
  },
  peakTo: { kind: 'time', value: '17:00', label: 'shared.label.peak-to', code: 'PEAK_INVALID' },
  /** Days on which the hours begin, comma-separated: 0 (Sunday) to 6. */
  peakDays: {
    kind: 'days',
    value: '1,2,3,4,5',
    label: 'shared.label.peak-days',
    code: 'PEAK_INVALID',
  },
  /** IANA name; empty: the time zone of Node-RED. */
  peakZone: {
    kind: 'time-zone',
    value: '',
    label: 'shared.label.peak-zone',
    code: 'PEAK_INVALID',
  },
} as const satisfies Fields;
