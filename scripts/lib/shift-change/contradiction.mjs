import { endOf } from './reports.mjs';
import { mayBecome } from './transitions.mjs';

/** @typedef {import('./types.mjs').OrderCase} OrderCase */
/** @typedef {import('./types.mjs').EventReport} EventReport */

/** How long before its end an event was judged for the last time, at most. */
const JUDGED_MS = 500;

/**
 * Why an event that was not done could not, or should not, be carried out, as the
 * record itself shows it; undefined: nothing stood against it, so that it has to end without a
 * person. One of:
 * - `operator`: after the event's time and before its end, an operator gave a field that the event
 *   writes a value that the event does not want. He knew better.
 * - `open`: an operator had the work order open when the event was judged for the last time.
 * - `state`: at that time the work order was in a state from which the table has no way of one
 *   step to the wanted one.
 * - `late`: a newer event of the same order had come in before it, and had its effect.
 *
 * An event that we process out of order, judge on an outdated state or give up too early finds no
 * excuse here.
 * @param {EventReport} report
 * @param {OrderCase} order
 * @returns {'operator' | 'open' | 'state' | 'late' | undefined}
 */
export function contradictionOf(report, order) {
  const judged = statesWhenJudged(report, order);
  if (wasOverruled(report, order)) return 'operator';
  if (judged.some(({ openedBy }) => openedBy !== null)) return 'open';
  if (judged.some(({ status }) => !mayBecome(status, report.status))) return 'state';
  return isLate(report, order) ? 'late' : undefined;
}

/**
 * States that our own writes ended are none of them: an event waits for those before it.
 * @param {EventReport} report @param {OrderCase} order
 */
function statesWhenJudged(report, { timeline }) {
  const end = endOf(report);
  return timeline
    .between(Math.max(end - JUDGED_MS, report.arrivedAt), end)
    .filter(({ until, endedBy }) => endedBy !== 'api' || until > end);
}

/** @param {EventReport} report @param {OrderCase} order */
function wasOverruled(report, order) {
  const since = Date.parse(report.at);
  const wanted = wantedBy(report, order);
  return order.timeline.moments.some(
    ({ at, change }) =>
      change.by === 'operator' && at >= since && at <= endOf(report) && differs(change, wanted),
  );
}

/**
 * All that the event wrote or tried to write; the status in any case.
 * @param {EventReport} report @param {OrderCase} order
 * @returns {Record<string, unknown>}
 */
const wantedBy = ({ id, status }, { requests }) =>
  Object.assign(
    { status },
    ...requests.map(({ fields }) => (fields?.lastEventId === id ? fields : {})),
  );

/** @param {import('./types.mjs').Change} change @param {Record<string, unknown>} wanted */
const differs = ({ fields }, wanted) =>
  Object.keys(fields).some(
    name => name in wanted && name !== 'statusSince' && fields[name]?.after !== wanted[name],
  );

/** @param {EventReport} report @param {OrderCase} order */
const isLate = ({ id, at, arrivedAt }, { reports, effects }) =>
  reports.some(
    other =>
      other.id !== id &&
      Date.parse(other.at) > Date.parse(at) &&
      other.arrivedAt < arrivedAt &&
      effects.has(other.id),
  );
