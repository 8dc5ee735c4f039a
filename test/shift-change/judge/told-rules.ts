// Rules about what the flow told of each event. Each looks at one work order and tells every breach.
import { isDeepStrictEqual } from 'node:util';
import {
  REMEMBERED,
  endOf,
  groupBy,
  isDone,
  isDuplicate,
  isOpen,
  lastJudged,
  nextOf,
} from './order-case';
import type { EventReport, OrderCase, Rule } from './order-case';

/** Deliveries that no report tells about, and events that nobody tried to carry out. */
export const missing: Rule = ({ events, reports }) => {
  const reported = groupBy(reports, ({ id }) => id);
  return [...groupBy(events, ({ id }) => id)].flatMap(([id, deliveries]) => {
    const ends = reported.get(id) ?? [];
    if (ends.length < deliveries.length) {
      return [`${id}: ${deliveries.length} deliveries, ${ends.length} reports`];
    }
    return ends.every(isDuplicate) ? [`${id}: reported as a duplicate only`] : [];
  });
};

/** Reports of deliveries that no machine made. */
export const invented: Rule = ({ events, reports }) => {
  const sent = groupBy(events, ({ id }) => id);
  return [...groupBy(reports, ({ id }) => id)].flatMap(([id, ends]) => {
    const deliveries = sent.get(id)?.length ?? 0;
    return ends.length > deliveries
      ? [`${id}: ${deliveries} deliveries, ${ends.length} reports`]
      : [];
  });
};

/** Events that were tried again although the first try was still running, or is remembered. */
export const triedAgain: Rule = ({ reports }) => {
  const tried = reports.filter(report => !isDuplicate(report));
  return [...groupBy(tried, ({ id }) => id)].flatMap(([id, tries]) => {
    const inTurn = tries.toSorted((a, b) => a.arrivedAt - b.arrivedAt);
    return inTurn.slice(1).flatMap((again, n) => {
      const first = inTurn[n] ?? again;
      const mayCome = !REMEMBERED.includes(first.end) && again.arrivedAt >= endOf(first);
      return mayCome ? [] : [`${id}: ${first.end}, then ${again.end}`];
    });
  });
};

/** Events of which a duplicate was dropped for good before they had their effect. */
export const confirmedEarly: Rule = ({ reports, effects }) =>
  reports
    .filter(report => isDuplicate(report) && report.pending !== true)
    .filter(report => effects.get(report.id)?.every(effectAt => effectAt > endOf(report)))
    .map(({ id }) => `${id}: a duplicate was not said to be pending`);

/** Events reported as done that the history does not know. */
export const lost: Rule = order => {
  const done = groupBy(order.reports.filter(isDone), ({ id }) => id);
  return [...done].flatMap(([id, ends]) => {
    const inPlace = ends.every(report => wasInPlace(report, order));
    if (order.effects.has(id) || inPlace) return [];
    return [`${id}: ${ends.map(({ end }) => end).join(', ')}, but not in the history`];
  });
};

/** A work order that is in the wanted status already is left as it is, whoever brought it there. */
function wasInPlace(report: EventReport, order: OrderCase): boolean {
  const judgedAt = lastJudged(report, order);
  if (report.end !== 'unchanged' || judgedAt === undefined) return false;
  return order.timeline.valuesAt(judgedAt).status === report.status;
}

/** Events in the history of which the flow said that nothing was written. */
export const misreported: Rule = ({ reports, effects }) =>
  [...groupBy(reports, ({ id }) => id)].flatMap(([id, ends]) => {
    const tried = ends.filter(report => !isDuplicate(report));
    const isTold = tried.length === 0 || tried.some(report => isDone(report) || isOpen(report));
    if (!effects.has(id) || isTold) return [];
    return [`${id}: ${tried.map(({ end }) => end).join(', ')}, but it is in the history`];
  });

/** Events for a person whose reason or difference is missing, or is not what the history shows. */
export const withoutReason: Rule = order =>
  order.reports.filter(needsPerson).flatMap(report => {
    const wrong =
      missingReason(report) ?? wrongDifference(report, order) ?? wrongRefusal(report, order);
    return wrong === undefined ? [] : [`${report.id}: ${report.end}, ${wrong}`];
  });

/** Somebody has to look at it. */
const needsPerson = (report: EventReport): boolean => !isDuplicate(report) && !isDone(report);

function missingReason({ end, reason, refused, conflict }: EventReport): string | undefined {
  if ((reason ?? refused?.reason ?? '') === '' && end !== 'conflict') return 'no reason';
  // A conflict, and a state that moved under the decision, show the values before, ours and theirs.
  const needsDiff = end === 'conflict' || refused?.decidedOn !== undefined;
  return needsDiff && (conflict?.fields ?? []).length === 0 ? 'no difference' : undefined;
}

function wrongDifference(report: EventReport, { timeline }: OrderCase): string | undefined {
  const seen = timeline.moments.filter(({ at }) => at <= endOf(report));
  const wasEver = (name: string, value: unknown): boolean =>
    seen.some(({ values }) => isDeepStrictEqual(values[name] ?? null, value ?? null));
  const wrong = report.conflict?.fields.find(
    ({ name, base, theirs }) => !wasEver(name, base) || !wasEver(name, theirs),
  );
  return wrong && `${wrong.name} was never ${String(wrong.base)} or ${String(wrong.theirs)}`;
}

function wrongRefusal(report: EventReport, order: OrderCase): string | undefined {
  const { refused, status } = report;
  const judgedAt = lastJudged(report, order);
  if (refused === undefined || judgedAt === undefined) return undefined;
  const { status: from } = order.timeline.valuesAt(judgedAt);
  if (from !== refused.from) return `the status was ${String(from)}, not ${String(refused.from)}`;
  if (refused.to !== status) return `${String(refused.to)} was not wanted`;
  const { next } = refused;
  if (next === undefined || isDeepStrictEqual(next, nextOf(from))) return undefined;
  return `${String(from)} cannot become ${next.join(', ')}`;
}
