// Rules about what the flow told of each event. Each looks at one work order and tells every breach.
import { lastJudged } from './contradiction.mjs';
import { wrongReasonOf } from './reasons.mjs';
import {
  REMEMBERED,
  endOf,
  groupBy,
  isDone,
  isDuplicate,
  isOpen,
  needsPerson,
} from './reports.mjs';

/** @typedef {import('./types.mjs').OrderCase} OrderCase */
/** @typedef {import('./rules.mjs').Rule} Rule */
/** @typedef {import('./types.mjs').EventReport} EventReport */

/** @type {Rule} */
export function missing({ events, reports }) {
  const reported = groupBy(reports, ({ id }) => id);
  return [...groupBy(events, ({ id }) => id)].flatMap(([id, deliveries]) => {
    const ends = reported.get(id) ?? [];
    if (ends.length < deliveries.length) {
      return [`${id}: ${deliveries.length} deliveries, ${ends.length} reports`];
    }
    return ends.every(isDuplicate) ? [`${id}: reported as a duplicate only`] : [];
  });
}

/** @type {Rule} */
export function invented({ events, reports }) {
  const sent = groupBy(events, ({ id }) => id);
  return [...groupBy(reports, ({ id }) => id)].flatMap(([id, ends]) => {
    const deliveries = sent.get(id)?.length ?? 0;
    return ends.length > deliveries
      ? [`${id}: ${deliveries} deliveries, ${ends.length} reports`]
      : [];
  });
}

/** @type {Rule} */
export function triedAgain({ reports }) {
  const tried = reports.filter(report => !isDuplicate(report));
  return [...groupBy(tried, ({ id }) => id)].flatMap(([id, tries]) => {
    const inTurn = tries.toSorted((a, b) => a.arrivedAt - b.arrivedAt);
    return inTurn.slice(1).flatMap((again, n) => {
      const first = /** @type {EventReport} */ (inTurn[n]);
      const mayCome = !REMEMBERED.includes(first.end) && again.arrivedAt >= endOf(first);
      return mayCome ? [] : [`${id}: ${first.end}, then ${again.end}`];
    });
  });
}

/** @type {Rule} */
export function confirmedEarly({ reports, effects }) {
  return reports
    .filter(report => isDuplicate(report) && report.pending !== true)
    .filter(report => effects.get(report.id)?.every(effectAt => effectAt > endOf(report)))
    .map(({ id }) => `${id}: a duplicate was not said to be pending`);
}

/** @type {Rule} */
export function lost(order) {
  const done = groupBy(order.reports.filter(isDone), ({ id }) => id);
  return [...done].flatMap(([id, ends]) => {
    const inPlace = ends.every(report => wasInPlace(report, order));
    if (order.effects.has(id) || inPlace) return [];
    return [`${id}: ${ends.map(({ end }) => end).join(', ')}, but not in the history`];
  });
}

/**
 * A work order that is in the wanted status already is left as it is, whoever brought it there.
 * @param {EventReport} report @param {OrderCase} order
 */
function wasInPlace(report, order) {
  const judgedAt = lastJudged(report, order);
  if (report.end !== 'unchanged' || judgedAt === undefined) return false;
  return order.timeline.valuesAt(judgedAt).status === report.status;
}

/** @type {Rule} */
export function misreported({ reports, effects }) {
  return [...groupBy(reports, ({ id }) => id)].flatMap(([id, ends]) => {
    const tried = ends.filter(report => !isDuplicate(report));
    const isTold = tried.length === 0 || tried.some(report => isDone(report) || isOpen(report));
    if (!effects.has(id) || isTold) return [];
    return [`${id}: ${tried.map(({ end }) => end).join(', ')}, but it is in the history`];
  });
}

/** @type {Rule} */
export function withoutReason(order) {
  return order.reports.filter(needsPerson).flatMap(report => {
    const wrong = wrongReasonOf(report, order);
    return wrong === undefined ? [] : [`${report.id}: ${report.end}, ${wrong}`];
  });
}
