import { contradictionOf } from './contradiction.mjs';
import { whatWasMet } from './met.mjs';
import { endOf, groupBy, isDone, isDuplicate } from './reports.mjs';
import { RULES } from './rules.mjs';
import { Timeline } from './timeline.mjs';

/** @typedef {import('./types.mjs').EventReport} EventReport */
/** @typedef {import('./types.mjs').Finding} Finding */
/** @typedef {import('./types.mjs').MachineEvent} MachineEvent */
/** @typedef {import('./types.mjs').OrderCase} OrderCase */
/** @typedef {import('./types.mjs').OrderRecord} OrderRecord */
/** @typedef {import('./rules.mjs').FaultKind} FaultKind */

const KINDS = /** @type {FaultKind[]} */ (Object.keys(RULES));

/**
 * What the server's own records prove about a shift.
 * @typedef {object} Verdict
 * @property {Readonly<Record<FaultKind, number>>} faults how often each rule was broken
 * @property {number} tried events, each counted once
 * @property {number} eligible events that were done, or that nothing stood against, see
 *   `contradictionOf`
 * @property {number} withoutPerson share of the eligible events that were done
 * @property {readonly EventReport[]} undone the eligible events that need a person
 * @property {Readonly<Record<string, number>>} setAside how many events were not eligible, by what
 *   stood against them
 * @property {Readonly<Record<string, number>>} outcomes how many deliveries ended how
 * @property {import('./met.mjs').Met} met
 * @property {readonly Finding[]} findings every breach, in words
 */

/**
 * Judges how every event of a shift ended by what the server itself remembers.
 * @param {object} shift
 * @param {readonly MachineEvent[]} shift.events as the machines sent them, repetitions included
 * @param {readonly EventReport[]} shift.reports
 * @param {ReadonlyMap<string, OrderRecord>} shift.orders by id; every order that the server has
 * @returns {Verdict}
 */
export function judgeShift({ events, reports, orders }) {
  const eventsOf = groupBy(events, ({ workOrder }) => workOrder);
  const reportsOf = groupBy(reports, ({ workOrder }) => workOrder);
  const ids = new Set([...orders.keys(), ...eventsOf.keys(), ...reportsOf.keys()]);
  const cases = [...ids].map(workOrder => ({
    workOrder,
    events: eventsOf.get(workOrder) ?? [],
    reports: reportsOf.get(workOrder) ?? [],
    ...remembered(orders.get(workOrder) ?? { history: [], requests: [] }),
  }));
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
    outcomes: countBy(reports.map(({ end }) => end)),
    met: whatWasMet(cases),
    findings,
  };
}

/** @param {OrderRecord} record */
function remembered({ history, requests }) {
  const timeline = new Timeline(history);
  const ours = timeline.moments.filter(({ change }) => change.by === 'api');
  const byEvent = groupBy(ours, ({ change }) => String(change.fields.lastEventId?.after));
  const effects = new Map([...byEvent].map(([id, moments]) => [id, moments.map(({ at }) => at)]));
  return { timeline, requests, effects };
}

/** @param {OrderCase} order @returns {Finding[]} */
const findingsOf = order =>
  KINDS.flatMap(kind =>
    RULES[kind](order).map(text => ({ kind, workOrder: order.workOrder, text })),
  );

/**
 * The last try of each event: one that failed and was forgotten may have come again.
 * @param {OrderCase} order
 */
function lastTries({ reports }) {
  const tries = groupBy(
    reports.filter(report => !isDuplicate(report)),
    ({ id }) => id,
  );
  return [...tries.values()].map(list => list.reduce((a, b) => (endOf(b) >= endOf(a) ? b : a)));
}

/** @param {readonly Finding[]} findings @returns {Verdict['faults']} */
function faultCounts(findings) {
  const counts = KINDS.map(kind => [kind, findings.filter(found => found.kind === kind).length]);
  return Object.fromEntries(counts);
}

/** @param {readonly string[]} names @returns {Record<string, number>} */
function countBy(names) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
