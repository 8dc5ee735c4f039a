// What must not happen at a shift change. Each rule looks at one work order and tells every breach.
import { groupBy, isDone, isDuplicate, isOpen, needsPerson, endOf } from './reports.mjs';
import { mayBecome } from './transitions.mjs';

/** @typedef {import('./types.mjs').OrderCase} OrderCase */
/** @typedef {import('./types.mjs').EventReport} EventReport */
/** @typedef {keyof typeof RULES} FaultKind */

/** A rule's breaches of one work order, each in words. @typedef {(order: OrderCase) => string[]} Rule */

export const RULES = {
  /** Deliveries that no report tells about, and events that nobody tried to carry out. */
  missing,
  /** Events that are in the history more than once. */
  doubled,
  /** Events reported as done that the history does not know. */
  lost,
  /** Events in the history of which the flow said that nothing was written. */
  misreported,
  /** Effects of events that were only ever reported as duplicates. */
  duplicatesWithEffect,
  /** Events that were carried out again after they had been done. */
  doneTwice,
  /** Requests for a transition that is not allowed from the state at the version they name. */
  invalidWrites,
  /** Transitions of ours in the history that are not allowed. */
  ourInvalidTransitions,
  /** Transitions of ours while an operator had the work order open. */
  whileOpen,
  /** Events for a person that do not say why, or do not show the difference. */
  withoutReason,
};

/** @type {Rule} */
function missing({ events, reports }) {
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
function doubled({ effects }) {
  return [...effects]
    .filter(([, times]) => times > 1)
    .map(([id, times]) => `${id}: ${times} times`);
}

/** @type {Rule} */
function lost({ reports, effects, timeline }) {
  const done = reports.filter(isDone);
  return [...groupBy(done, ({ id }) => id)].flatMap(([id, ends]) => {
    const times = effects.get(id) ?? 0;
    const updated = ends.filter(({ end }) => end === 'updated').length;
    const inPlace = ends.every(
      report => report.end === 'unchanged' && wasInPlace(report, timeline),
    );
    if (times >= Math.max(updated, 1) || inPlace) return [];
    return [`${id}: ${ends.map(({ end }) => end).join(', ')}, but in the history ${times} times`];
  });
}

/** @param {EventReport} report @param {OrderCase['timeline']} timeline */
const wasInPlace = (report, timeline) =>
  timeline.between(report.arrivedAt, endOf(report)).some(({ status }) => status === report.status);

/** @type {Rule} */
function misreported({ reports, effects }) {
  return [...groupBy(reports, ({ id }) => id)].flatMap(([id, ends]) => {
    const tried = ends.filter(report => !isDuplicate(report));
    const isTold = tried.length === 0 || tried.some(report => isDone(report) || isOpen(report));
    if (!effects.has(id) || isTold) return [];
    return [`${id}: ${tried.map(({ end }) => end).join(', ')}, but it is in the history`];
  });
}

/** @type {Rule} */
function duplicatesWithEffect({ reports, effects }) {
  return [...groupBy(reports, ({ id }) => id)].flatMap(([id, ends]) => {
    const tried = ends.filter(report => !isDuplicate(report)).length;
    const times = effects.get(id) ?? 0;
    return tried < ends.length && times > tried ? [`${id}: ${times} effects, tried ${tried}`] : [];
  });
}

/** @type {Rule} */
function doneTwice({ reports }) {
  const done = groupBy(reports.filter(isDone), ({ id }) => id);
  return [...done]
    .filter(([, ends]) => ends.length > 1)
    .map(([id, ends]) => `${id}: ${ends.map(({ end }) => end).join(', ')}`);
}

/** @type {Rule} */
function invalidWrites({ requests, timeline }) {
  const writes = requests.filter(({ fields }) => fields !== undefined && 'status' in fields);
  return writes.flatMap(({ ifMatch = 'none', fields, status: answer }) => {
    const from = timeline.atVersion(ifMatch)?.status;
    if (from !== undefined && mayBecome(from, fields?.status)) return [];
    return [`${from} to ${fields?.status} at version ${ifMatch}, answered ${answer}`];
  });
}

/** @type {Rule} */
function ourInvalidTransitions({ timeline }) {
  return ourSteps(timeline)
    .filter(({ before, moment }) => !mayBecome(before?.status, moment.status))
    .map(({ before, moment }) => `${before?.status} to ${moment.status}`);
}

/** @type {Rule} */
function whileOpen({ timeline }) {
  return ourSteps(timeline)
    .filter(({ before, moment }) => before?.status !== moment.status)
    .filter(({ before }) => (before?.openedBy ?? null) !== null)
    .map(({ before, moment }) => `${moment.change.version}: ${before?.openedBy} had it open`);
}

/** @param {OrderCase['timeline']} timeline */
const ourSteps = timeline => timeline.steps().filter(({ moment }) => moment.change.by === 'api');

/** @type {Rule} */
function withoutReason({ reports }) {
  return reports
    .filter(report => needsPerson(report) && !saysWhy(report))
    .map(({ id, end }) => `${id}: ${end}`);
}

/**
 * A conflict, and a state that moved under the decision, show the values before, ours and theirs;
 * everything else tells its reason.
 * @param {EventReport} report
 */
function saysWhy({ end, reason, refused, conflict }) {
  const needsDiff = end === 'conflict' || refused?.decidedOn !== undefined;
  if (needsDiff) return (conflict?.fields.length ?? 0) > 0;
  return (refused?.reason ?? reason ?? '') !== '';
}
