// Rules about what we wrote, or asked for. Each looks at one work order and tells every breach.
import { isDone } from './reports.mjs';
import { isTransition } from './transitions.mjs';

/** @typedef {import('./rules.mjs').Rule} Rule */

/** @type {Rule} */
export function doubled({ effects }) {
  return [...effects]
    .filter(([, times]) => times.length > 1)
    .map(([id, times]) => `${id}: ${times.length} times`);
}

/** @type {Rule} */
export function unasked({ events, timeline }) {
  const sent = new Map(events.map(event => [event.id, event]));
  return timeline.ourSteps().flatMap(({ moment: { change } }) => {
    const id = String(change.fields.lastEventId?.after);
    const event = sent.get(id);
    if (event === undefined) return [`${change.version}: ${id} is no event of this order`];
    const wrong = Object.entries(askedBy(event)).filter(
      ([name, value]) => change.fields[name]?.after !== value,
    );
    return wrong.map(([name]) => `${id}: ${name} is ${String(change.fields[name]?.after)}`);
  });
}

/**
 * What an event asks for, field by field.
 * @param {import('./types.mjs').MachineEvent} event
 * @returns {Record<string, unknown>}
 */
const askedBy = ({ status, defect, operationId }) => ({
  status,
  ...(defect && {
    reworkReasonCode: defect.reasonCode,
    defectType: defect.type,
    qualityHoldStatus: defect.hold,
    reworkInstructions: defect.instructions,
    originalOperationId: operationId,
  }),
});

/** @type {Rule} */
export function invalidWrites({ requests, timeline }) {
  const writes = requests.filter(({ method }) => method !== 'GET');
  return writes.flatMap(({ ifMatch = 'none', fields, status: answer }) => {
    const from = timeline.atVersion(ifMatch)?.values.status;
    if (isTransition(from, fields?.status)) return [];
    return [`${from} to ${fields?.status} at version ${ifMatch}, answered ${answer}`];
  });
}

/** @type {Rule} */
export function ourInvalidTransitions({ timeline }) {
  return timeline
    .ourSteps()
    .filter(({ before, moment }) => !isTransition(before.status, moment.values.status))
    .map(({ before, moment }) => `${before.status} to ${moment.values.status}`);
}

/** @type {Rule} */
export function late({ events, timeline }) {
  const sent = new Map(events.map(({ id, at }) => [id, at]));
  return timeline.ourSteps().flatMap(({ before, moment }) => {
    const id = String(moment.change.fields.lastEventId?.after);
    const at = Date.parse(sent.get(id) ?? '');
    const since = Date.parse(String(before.statusSince));
    return at < since ? [`${id}: given ${since - at} ms before the state it ended`] : [];
  });
}

/** @type {Rule} */
export function overwritten({ reports, timeline }) {
  const arrivals = new Map(reports.filter(isDone).map(({ id, arrivedAt }) => [id, arrivedAt]));
  return timeline.ourSteps().flatMap(({ moment: { change, at } }) => {
    const arrivedAt = arrivals.get(String(change.fields.lastEventId?.after)) ?? Infinity;
    const given = timeline.moments
      .filter(other => other.change.by === 'operator' && other.at >= arrivedAt && other.at <= at)
      .flatMap(other => Object.entries(other.change.fields));
    return given
      .filter(([name, { after }]) => isReplaced(change.fields[name], after))
      .map(([name, { after }]) => `${change.version}: ${name} was ${String(after)}`);
  });
}

/** @param {import('./types.mjs').Change['fields'][string] | undefined} ours @param {unknown} theirs */
const isReplaced = (ours, theirs) => ours?.before === theirs && ours?.after !== theirs;

/** @type {Rule} */
export function whileOpen({ timeline }) {
  return timeline
    .ourSteps()
    .filter(({ before }) => (before.openedBy ?? null) !== null)
    .map(({ before, moment }) => `${moment.change.version}: ${before.openedBy} had it open`);
}
