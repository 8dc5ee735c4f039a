import {
  measured,
  nextAlert,
  QUIET,
  type AlertRule,
  type AlertState,
  type Measured,
} from '../../lib/monitor/alert';
import type { Rates } from '../../lib/monitor/counts';
import { percent, type Watched } from './watched';

/** What leaves by the first output. Plain data. */
export interface AlertPayload {
  readonly alert: AlertRule['kind'];
  readonly state: 'raised' | 'cleared';
  /** Share of 0 to 1, or a number of updates; absent: nothing was counted within the window any more. */
  readonly value?: number;
  /** Of how many updates that is. */
  readonly of: number;
  readonly threshold: number;
  readonly clearAt: number;
  readonly windowMinutes: number;
  /** ISO 8601: since when it was beyond the threshold. */
  readonly since: string;
  readonly endpoint: Watched['endpoint'];
  /** Absent: all record types together. */
  readonly recordType?: string;
  /** All that was measured within the window. */
  readonly rates: Rates;
  /** One sentence for people. */
  readonly text: string;
}

/** The alerts of a node: each rule for each that it watches by itself. */
export class Alerting {
  private states = new Map<string, AlertState>();

  constructor(private readonly rules: readonly AlertRule[]) {}

  /** How many are raised. */
  get raised(): number {
    return [...this.states.values()].filter(({ kind }) => kind === 'raised').length;
  }

  /**
   * What has been raised or has ended since the last look.
   * @param now wall clock, milliseconds since the epoch
   */
  look(watched: readonly Watched[], now: number): AlertPayload[] {
    const states = new Map<string, AlertState>();
    const changed: AlertPayload[] = [];
    for (const one of watched) {
      for (const rule of this.rules) {
        const key = JSON.stringify([one.endpoint.id, one.type ?? null, rule.kind]);
        const before = this.states.get(key) ?? QUIET;
        const rates = one.monitor.recent(rule.windowMinutes, one.type);
        const seen = measured(rule.kind, rates);
        const after = nextAlert(before, rule, seen, now);
        states.set(key, after);
        const payload = changeOf(before, after);
        if (payload !== undefined) changed.push(payloadOf({ ...payload, one, rule, rates, seen }));
      }
    }
    // What is watched no more, such as an endpoint that was deleted, is forgotten.
    this.states = states;
    return changed;
  }
}

interface Change {
  readonly state: AlertPayload['state'];
  readonly since: number;
}

function changeOf(before: AlertState, after: AlertState): Change | undefined {
  if (after.kind === 'raised' && before.kind !== 'raised') {
    return { state: 'raised', since: after.since };
  }
  if (before.kind === 'raised' && after.kind !== 'raised') {
    return { state: 'cleared', since: before.since };
  }
  return undefined;
}

interface Found extends Change {
  readonly one: Watched;
  readonly rule: AlertRule;
  readonly rates: Rates;
  readonly seen: Measured;
}

function payloadOf(found: Found): AlertPayload {
  const { one, rule, rates, seen, since, state } = found;
  const { kind: alert, threshold, clearAt, windowMinutes } = rule;
  return {
    alert,
    state,
    ...(seen.value === undefined ? {} : { value: seen.value }),
    of: seen.of,
    threshold,
    clearAt,
    windowMinutes,
    since: new Date(since).toISOString(),
    endpoint: one.endpoint,
    ...(one.type === undefined ? {} : { recordType: one.type }),
    rates,
    text: sentenceOf(found),
  };
}

function sentenceOf({ one, rule, seen, state }: Found): string {
  const { endpoint, type } = one;
  const where = type === undefined ? endpoint.name : `${endpoint.name}, ${type}`;
  const within = `of ${String(seen.of)} in the last ${String(rule.windowMinutes)} min`;
  const isOver = state === 'cleared';
  switch (rule.kind) {
    case 'conflict-rate':
      return `${where}: ${percent(seen.value)} ${within} updates met a conflict, ${isOver ? 'no longer' : 'which is'} more than ${percent(rule.threshold)}.`;
    case 'permanent':
      return `${where}: ${String(seen.value ?? 0)} conflicts for a person ${within}, ${isOver ? 'no longer' : 'which is'} more than ${String(rule.threshold)}.`;
    case 'retry-success':
      return `${where}: ${percent(seen.value)} ${within} updates that were tried again are done, ${isOver ? 'no longer' : 'which is'} less than ${percent(rule.threshold)}.`;
  }
}
