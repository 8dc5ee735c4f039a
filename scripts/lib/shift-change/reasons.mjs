import { isDeepStrictEqual } from 'node:util';
import { lastJudged } from './contradiction.mjs';
import { endOf } from './reports.mjs';
import { nextOf } from './transitions.mjs';

/** @typedef {import('./types.mjs').OrderCase} OrderCase */
/** @typedef {import('./types.mjs').EventReport} EventReport */

/**
 * What is wrong with what a person is told about an event that was not carried out; undefined: all
 * is said, and the history agrees.
 * @param {EventReport} report @param {OrderCase} order
 * @returns {string | undefined}
 */
export function wrongReasonOf(report, order) {
  const { end, reason, refused, conflict } = report;
  if ((reason ?? refused?.reason ?? '') === '' && end !== 'conflict') return 'no reason';
  // A conflict, and a state that moved under the decision, show the values before, ours and theirs.
  const needsDiff = end === 'conflict' || refused?.decidedOn !== undefined;
  if (needsDiff && (conflict?.fields ?? []).length === 0) return 'no difference';
  return wrongDifference(report, order) ?? wrongRefusal(report, order);
}

/** @param {EventReport} report @param {OrderCase} order */
function wrongDifference({ conflict, ...report }, { timeline }) {
  const seen = timeline.moments.filter(({ at }) => at <= endOf(report));
  /** @param {string} name @param {unknown} value */
  const wasEver = (name, value) =>
    seen.some(({ values }) => isDeepStrictEqual(values[name] ?? null, value ?? null));
  const wrong = conflict?.fields.find(
    ({ name, base, theirs }) => !wasEver(name, base) || !wasEver(name, theirs),
  );
  return wrong && `${wrong.name} was never ${wrong.base} or ${wrong.theirs}`;
}

/** @param {EventReport} report @param {OrderCase} order */
function wrongRefusal(report, order) {
  const { refused, status } = report;
  const judgedAt = lastJudged(report, order);
  if (refused === undefined || judgedAt === undefined) return undefined;
  const { status: from } = order.timeline.valuesAt(judgedAt);
  if (from !== refused.from) return `the status was ${from}, not ${refused.from}`;
  if (refused.to !== status) return `${String(refused.to)} was not wanted`;
  const isNextWrong =
    refused.next !== undefined && !isDeepStrictEqual(refused.next, nextOf(refused.from));
  return isNextWrong ? `${refused.from} cannot become ${refused.next?.join(', ')}` : undefined;
}
