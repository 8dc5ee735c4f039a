import { endOf } from './reports.mjs';
import { isTransition } from './transitions.mjs';

/** @typedef {import('./types.mjs').OrderCase} OrderCase */
/** @typedef {import('./types.mjs').EventReport} EventReport */

/**
 * Why an event that was not done could not, or should not, be carried out, as the
 * record itself shows it; undefined: nothing stood against it, so that it has to end without a
 * person. One of:
 * - `operator`: after the event's time and before it was judged for the last time, an operator gave
 *   a field that the event writes a value that the event does not want. He knew better.
 * - `open`: an operator had the work order open when the event was judged for the last time.
 * - `state`: at that time the table had no way of one step to the wanted status.
 * - `late`: a newer event of the same order had come in, and had its effect, before that.
 *
 * An event that we process out of order, judge on an outdated state or give up too early finds no
 * excuse here, nor one for which the record was not looked at.
 * @param {EventReport} report
 * @param {OrderCase} order
 * @returns {'operator' | 'open' | 'state' | 'late' | undefined}
 */
export function contradictionOf(report, order) {
  const judgedAt = lastJudged(report, order);
  if (judgedAt === undefined) return undefined;
  if (wasOverruled(report, order, judgedAt)) return 'operator';
  const { status, openedBy } = order.timeline.valuesAt(judgedAt);
  if ((openedBy ?? null) !== null) return 'open';
  const isPossible = status === report.status || isTransition(status, report.status);
  if (!isPossible && wasInTurn(report, order, judgedAt)) return 'state';
  return isLate(report, order, judgedAt) ? 'late' : undefined;
}

/**
 * When the server last told what the record is like, or refused a write, before the event ended:
 * milliseconds since the epoch. Only what comes in from us changes a record, so that this is also
 * what it was like at the end. undefined: nobody asked.
 * @param {EventReport} report @param {OrderCase} order
 * @returns {number | undefined}
 */
export const lastJudged = (report, { requests }) =>
  requests
    .map(({ at }) => Date.parse(at))
    .filter(at => at >= report.arrivedAt && at <= endOf(report))
    .at(-1);

/** @param {EventReport} report @param {OrderCase} order @param {number} judgedAt */
function wasOverruled(report, order, judgedAt) {
  const since = Date.parse(report.at);
  const wanted = wantedBy(report, order);
  return order.timeline.moments.some(
    ({ at, change }) =>
      change.by === 'operator' && at >= since && at <= judgedAt && differs(change, wanted),
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

/**
 * Whether no event that is older, and had come in before, had its effect only later.
 * @param {EventReport} report @param {OrderCase} order @param {number} judgedAt
 */
const wasInTurn = ({ at, arrivedAt }, { reports, effects }, judgedAt) =>
  !reports.some(
    other =>
      Date.parse(other.at) < Date.parse(at) &&
      other.arrivedAt < arrivedAt &&
      effects.get(other.id)?.some(effectAt => effectAt > judgedAt),
  );

/** @param {EventReport} report @param {OrderCase} order @param {number} judgedAt */
const isLate = ({ at, arrivedAt }, { reports, effects }, judgedAt) =>
  reports.some(
    other =>
      Date.parse(other.at) > Date.parse(at) &&
      other.arrivedAt < arrivedAt &&
      effects.get(other.id)?.some(effectAt => effectAt <= judgedAt),
  );
