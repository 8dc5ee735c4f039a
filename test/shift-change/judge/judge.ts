import { contradictionOf } from './contradiction';
import type { Contradiction } from './contradiction';
import { Timeline, endOf, groupBy, isDone, isDuplicate } from './order-case';
import type { EventReport, MachineEvent, OrderCase, OrderRecord, Rule } from './order-case';
import * as told from './told-rules';
import * as written from './written-rules';

/** What must not happen at a shift change. */
const RULES = { ...told, ...written } satisfies Readonly<Record<string, Rule>>;

export type FaultKind = keyof typeof RULES;

const KINDS = Object.keys(RULES) as FaultKind[];

interface Finding {
  readonly kind: FaultKind;
  readonly workOrder: string;
  /** For people. */
  readonly text: string;
}

/** What a shift met: a run without it proves nothing. */
interface Met {
  /** Deliveries that were reported as such. */
  readonly duplicates: number;
  readonly backgroundChanges: number;
  /** Of operators. */
  readonly statusChanges: number;
  /** Times an operator opened an order in his terminal. */
  readonly opened: number;
  /** Answered 409. */
  readonly refusedWrites: number;
  /** Writes that were applied, and the answer was lost. */
  readonly lostResponses: number;
}

/** What the server's own records prove about a shift. */
export interface Verdict {
  /** How often each rule was broken. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Events, each counted once. */
  readonly tried: number;
  /** Events that were done, or that nothing stood against, see `contradictionOf`. */
  readonly eligible: number;
  /** Share of the eligible events that were done. */
  readonly withoutPerson: number;
  /** The eligible events that need a person. */
  readonly undone: readonly EventReport[];
  /** How many events were not eligible, by what stood against them. */
  readonly setAside: Readonly<Partial<Record<Contradiction, number>>>;
  /** How many deliveries ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly met: Met;
  /** Every breach, in words. */
  readonly findings: readonly Finding[];
}

/** How every event of a shift ended, and what the server itself remembers. */
export interface Shift {
  /** As the machines sent them, repetitions included. */
  readonly events: readonly MachineEvent[];
  readonly reports: readonly EventReport[];
  /** By id; every order that the server has. */
  readonly orders: ReadonlyMap<string, OrderRecord>;
}

/** Judges what the flow reported by what the server remembers. */
export function judgeShift(shift: Shift): Verdict {
  const cases = casesOf(shift);
  const findings = cases.flatMap(findingsOf);
  const tries = cases.flatMap(order => lastTries(order).map(report => ({ report, order })));
  const failed = tries
    .filter(({ report }) => !isDone(report))
    .map(({ report, order }) => ({ report, why: contradictionOf(report, order) }));
  const undone = failed.filter(({ why }) => why === undefined).map(({ report }) => report);
  const setAside = failed.flatMap(({ why }) => why ?? []);
  const eligible = tries.length - setAside.length;
  return {
    faults: faultCounts(findings),
    tried: tries.length,
    eligible,
    withoutPerson: eligible === 0 ? 0 : 1 - undone.length / eligible,
    undone,
    setAside: countBy(setAside),
    outcomes: countBy(shift.reports.map(({ end }) => end)),
    met: whatWasMet(cases),
    findings,
  };
}

/** One of every work order that anybody speaks of. */
function casesOf({ events, reports, orders }: Shift): readonly OrderCase[] {
  const eventsOf = groupBy(events, ({ workOrder }) => workOrder);
  const reportsOf = groupBy(reports, ({ workOrder }) => workOrder);
  const ids = new Set([...orders.keys(), ...eventsOf.keys(), ...reportsOf.keys()]);
  return [...ids].map(workOrder => ({
    workOrder,
    events: eventsOf.get(workOrder) ?? [],
    reports: reportsOf.get(workOrder) ?? [],
    ...remembered(orders.get(workOrder) ?? { history: [], requests: [] }),
  }));
}

function remembered({
  history,
  requests,
}: OrderRecord): Pick<OrderCase, 'timeline' | 'requests' | 'effects'> {
  const timeline = new Timeline(history);
  const ours = timeline.moments.filter(({ change }) => change.by === 'api');
  const byEvent = groupBy(ours, ({ change }) => String(change.fields.lastEventId?.after));
  const effects = new Map([...byEvent].map(([id, moments]) => [id, moments.map(({ at }) => at)]));
  return { timeline, requests, effects };
}

function findingsOf(order: OrderCase): readonly Finding[] {
  const { workOrder } = order;
  return KINDS.flatMap(kind => RULES[kind](order).map(text => ({ kind, workOrder, text })));
}

/** The last try of each event: one that failed and was forgotten may have come again. */
function lastTries({ reports }: OrderCase): readonly EventReport[] {
  const tries = groupBy(
    reports.filter(report => !isDuplicate(report)),
    ({ id }) => id,
  );
  return [...tries.values()].map(list => list.reduce((a, b) => (endOf(b) >= endOf(a) ? b : a)));
}

function whatWasMet(orders: readonly OrderCase[]): Met {
  const changes = orders.flatMap(({ timeline }) => timeline.moments.map(({ change }) => change));
  const operators = changes.filter(({ by }) => by === 'operator');
  const writes = orders.flatMap(({ requests }) =>
    requests.filter(({ method }) => method !== 'GET'),
  );
  return {
    duplicates: orders.flatMap(({ reports }) => reports).filter(isDuplicate).length,
    backgroundChanges: changes.filter(({ by }) => by === 'background').length,
    statusChanges: operators.filter(({ fields }) => fields.status !== undefined).length,
    opened: operators.filter(({ fields }) => (fields.openedBy?.after ?? null) !== null).length,
    refusedWrites: writes.filter(({ status }) => status === 409).length,
    lostResponses: writes.filter(({ status, answered }) => status < 300 && !answered).length,
  };
}

function faultCounts(findings: readonly Finding[]): Verdict['faults'] {
  const counts = KINDS.map(kind => [kind, findings.filter(found => found.kind === kind).length]);
  return Object.fromEntries(counts) as Verdict['faults'];
}

function countBy<T extends string>(names: readonly T[]): Record<T, number> {
  const counts: Partial<Record<T, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts as Record<T, number>;
}
