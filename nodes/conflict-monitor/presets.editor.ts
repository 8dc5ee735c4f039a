import { MONITOR_FIELDS, type ConflictMonitorConfig } from './config';

type Preset = Partial<ConflictMonitorConfig>;

const ORDERS: Preset = {
  conflictAlert: true,
  conflictAbove: 25,
  conflictFor: 5,
  conflictLeast: 20,
  conflictClear: 15,
  permanentAlert: true,
  permanentAbove: 5,
  permanentClear: 3,
  retryAlert: true,
  retryBelow: 90,
  retryLeast: 20,
  retryClear: MONITOR_FIELDS.retryClear.value,
};

/** What has proven itself in the field, as a start. */
export const PRESETS: Readonly<Record<'orders' | 'territories', Preset>> = {
  orders: ORDERS,
  // A sync of hundreds that nobody else should be at.
  territories: { ...ORDERS, conflictAbove: 5, conflictLeast: 100, conflictClear: 3 },
};

/** Nothing where none is chosen. */
export function presetOf(choice: unknown): Preset {
  return choice === 'orders' || choice === 'territories' ? PRESETS[choice] : {};
}
