import { numberField, secondsField } from '../shared/number-field';
import type { EventDedupeConfig } from './config';

const UNIT_MS: Readonly<Record<EventDedupeConfig['windowUnit'], number>> = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
};

const SECONDS = { min: 0.05, max: 86_400 };

/** A claim that is confirmed at once needs to outlive a slow disk only. */
const AT_ONCE_MS = 60_000;

/** Times in milliseconds. */
export interface Windows {
  readonly windowMs: number;
  readonly claimMs: number;
}

/** How long events and claims are remembered. Throws InputError `NUMBER_INVALID`. */
export function windowsOf({ action, window, windowUnit, claim }: EventDedupeConfig): Windows {
  const units = numberField(window, 'Remember for', { min: 1, max: 1_000_000 });
  return {
    windowMs: Math.round(units * UNIT_MS[windowUnit]),
    claimMs: action === 'check' ? secondsField(claim, 'A claim ends after', SECONDS) : AT_ONCE_MS,
  };
}

/** Of the window for the same record and status. Throws InputError `NUMBER_INVALID`. */
export function sameWindowMs({ sameWindow }: Pick<EventDedupeConfig, 'sameWindow'>): number {
  return secondsField(sameWindow, 'Within (same record, same status)', SECONDS);
}
