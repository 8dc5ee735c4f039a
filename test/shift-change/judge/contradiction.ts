import type { Change } from '../../../sandbox/index';
import { isTransition, lastJudged } from './order-case';
import type { EventReport, OrderCase } from './order-case';

export type Contradiction = 'operator' | 'open' | 'state' | 'late';

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
 */
export function contradictionOf(report: EventReport, order: OrderCase): Contradiction | undefined {
  const judgedAt = lastJudged(report, order);
  if (judgedAt === undefined) return undefined;
  if (wasOverruled(report, order, judgedAt)) return 'operator';
  const { status, openedBy } = order.timeline.valuesAt(judgedAt);
  if ((openedBy ?? null) !== null) return 'open';
  const isPossible = status === report.status || isTransition(status, report.status);
  if (!isPossible && wasInTurn(report, order, judgedAt)) return 'state';
  return isLate(report, order, judgedAt) ? 'late' : undefined;
}

function wasOverruled(report: EventReport, order: OrderCase, judgedAt: number): boolean {
  const since = Date.parse(report.at);
  const wanted = wantedBy(report, order);
  return order.timeline.moments.some(
    ({ at, change }) =>
      change.by === 'operator' && at >= since && at <= judgedAt && differs(change, wanted),
  );
}

/** All that the event wrote or tried to write; the status in any case. */
function wantedBy({ id, status }: EventReport, { requests }: OrderCase): Record<string, unknown> {
  const wanted: Record<string, unknown> = { status };
  for (const { fields } of requests) {
    if (fields?.lastEventId === id) Object.assign(wanted, fields);
  }
  return wanted;
}

function differs({ fields }: Change, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(fields).some(
    ([name, { after }]) => name in wanted && name !== 'statusSince' && after !== wanted[name],
  );
}

/** Whether no event that is older, and had come in before, had its effect only later. */
function wasInTurn({ at, arrivedAt }: EventReport, order: OrderCase, judgedAt: number): boolean {
  return !order.reports.some(
    other =>
      Date.parse(other.at) < Date.parse(at) &&
      other.arrivedAt < arrivedAt &&
      order.effects.get(other.id)?.some(effectAt => effectAt > judgedAt),
  );
}

function isLate({ at, arrivedAt }: EventReport, order: OrderCase, judgedAt: number): boolean {
  return order.reports.some(
    other =>
      Date.parse(other.at) > Date.parse(at) &&
      other.arrivedAt < arrivedAt &&
      order.effects.get(other.id)?.some(effectAt => effectAt <= judgedAt),
  );
}
