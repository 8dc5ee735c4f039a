import { InputError } from '../../lib/errors';
import type { AlertRule } from '../../lib/monitor/alert';
import { settingsOf } from '../shared/settings';
import { MONITOR_FIELDS, type ConflictMonitorConfig } from './config';

const MINUTE_MS = 60_000;
/** Updates of so many minutes make a rate; more where it has to hold for longer. */
const LEAST_WINDOW = 5;
const HOUR = 60;

/** The alerts that are switched on. Throws InputError that names the field. */
export function rulesOf(config: ConflictMonitorConfig): AlertRule[] {
  const read = settingsOf(MONITOR_FIELDS, config);
  const share = (name: Parameters<typeof read.number>[0]): number => read.number(name) / 100;
  const rules: AlertRule[] = [];
  if (read.flag('conflictAlert')) {
    const minutes = read.number('conflictFor');
    rules.push({
      kind: 'conflict-rate',
      threshold: share('conflictAbove'),
      clearAt: share('conflictClear'),
      windowMinutes: Math.max(LEAST_WINDOW, Math.ceil(minutes)),
      forMs: minutes * MINUTE_MS,
      least: read.number('conflictLeast'),
    });
  }
  if (read.flag('permanentAlert')) {
    rules.push({
      kind: 'permanent',
      threshold: read.number('permanentAbove'),
      clearAt: read.number('permanentClear'),
      windowMinutes: HOUR,
      forMs: 0,
      least: 1,
    });
  }
  if (read.flag('retryAlert')) {
    rules.push({
      kind: 'retry-success',
      threshold: share('retryBelow'),
      clearAt: share('retryClear'),
      windowMinutes: HOUR,
      forMs: 0,
      least: read.number('retryLeast'),
    });
  }
  for (const rule of rules) checkClearing(rule);
  return rules;
}

/** Throws InputError `CLEARING_INVALID`. */
function checkClearing({ kind, clearAt, threshold }: AlertRule): void {
  const isFit = kind === 'retry-success' ? clearAt >= threshold : clearAt <= threshold;
  if (isFit) return;
  const what = kind === 'retry-success' ? 'below' : 'above';
  throw new InputError(
    'CLEARING_INVALID',
    `The alert ${kind} must not end ${what} its threshold: it would end while it begins. Correct "Ends at" in the dialog of the conflict-monitor node.`,
  );
}
