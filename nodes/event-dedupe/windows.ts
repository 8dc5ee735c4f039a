import { settingsOf } from '../shared/settings';
import { DEDUPE_FIELDS, type EventDedupeConfig } from './config';

const UNIT_MS: Readonly<Record<EventDedupeConfig['windowUnit'], number>> = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
};

/** A claim that is confirmed at once needs to outlive a slow disk only. */
const AT_ONCE_MS = 60_000;

/** Times in milliseconds. */
export interface Windows {
  readonly windowMs: number;
  readonly claimMs: number;
}

/** How long events and claims are remembered. Throws InputError `NUMBER_INVALID`. */
export function windowsOf(config: EventDedupeConfig): Windows {
  const read = settingsOf(DEDUPE_FIELDS, config);
  return {
    windowMs: Math.round(read.number('window') * UNIT_MS[config.windowUnit]),
    claimMs: config.action === 'check' ? read.ms('claim') : AT_ONCE_MS,
  };
}

/** Of the window for the same record and status. Throws InputError `NUMBER_INVALID`. */
export function sameWindowMs(config: EventDedupeConfig): number {
  return settingsOf(DEDUPE_FIELDS, config).ms('sameWindow');
}
