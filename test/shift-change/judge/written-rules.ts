// Rules about what we wrote, or asked for. Each looks at one work order and tells every breach.
import type { Change } from '../../../sandbox/index';
import { isDone, isTransition } from './order-case';
import type { MachineEvent, Rule } from './order-case';

/** Events that are in the history more than once: a duplicate had an effect. */
export const doubled: Rule = ({ effects }) =>
  [...effects]
    .filter(([, times]) => times.length > 1)
    .map(([id, times]) => `${id}: ${times.length} times`);

/** Changes of ours that are not what an event of this order asks for. */
export const unasked: Rule = ({ events, timeline }) => {
  const sent = new Map(events.map(event => [event.id, event]));
  return timeline.ourSteps().flatMap(({ moment: { change } }) => {
    const id = eventOf(change);
    const event = sent.get(id);
    if (event === undefined) return [`${change.version}: ${id} is no event of this order`];
    const wrong = Object.entries(askedBy(event)).filter(
      ([name, value]) => change.fields[name]?.after !== value,
    );
    return wrong.map(([name]) => `${id}: ${name} is ${String(change.fields[name]?.after)}`);
  });
};

/** What an event asks for, field by field. */
function askedBy({ status, defect, operationId }: MachineEvent): Record<string, unknown> {
  return {
    status,
    ...(defect && {
      reworkReasonCode: defect.reasonCode,
      defectType: defect.type,
      qualityHoldStatus: defect.hold,
      reworkInstructions: defect.instructions,
      originalOperationId: operationId,
    }),
  };
}

/** Requests for a transition that is not allowed from the state at the version they name. */
export const invalidWrites: Rule = ({ requests, timeline }) => {
  const writes = requests.filter(({ method }) => method !== 'GET');
  return writes.flatMap(({ ifMatch = 'none', fields, status: answer }) => {
    const from = timeline.atVersion(ifMatch)?.values.status;
    if (isTransition(from, fields?.status)) return [];
    return [
      `${String(from)} to ${String(fields?.status)} at version ${ifMatch}, answered ${answer}`,
    ];
  });
};

/** Transitions of ours in the history that are not allowed. */
export const ourInvalidTransitions: Rule = ({ timeline }) =>
  timeline
    .ourSteps()
    .filter(({ before, moment }) => !isTransition(before.status, moment.values.status))
    .map(({ before, moment }) => `${String(before.status)} to ${String(moment.values.status)}`);

/** Transitions of ours by an event that is older than the state it ended. */
export const late: Rule = ({ events, timeline }) => {
  const sent = new Map(events.map(({ id, at }) => [id, at]));
  return timeline.ourSteps().flatMap(({ before, moment: { change } }) => {
    const id = eventOf(change);
    const at = Date.parse(sent.get(id) ?? '');
    const since = Date.parse(String(before.statusSince));
    return at < since ? [`${id}: given ${since - at} ms before the state it ended`] : [];
  });
};

/** Values that operators gave while an event was on its way, and that it overwrote. */
export const overwritten: Rule = ({ reports, timeline }) => {
  const arrivals = new Map(reports.filter(isDone).map(({ id, arrivedAt }) => [id, arrivedAt]));
  return timeline.ourSteps().flatMap(({ moment: { change, at } }) => {
    const arrivedAt = arrivals.get(eventOf(change)) ?? Infinity;
    const given = timeline.moments
      .filter(other => other.change.by === 'operator' && other.at >= arrivedAt && other.at <= at)
      .flatMap(other => Object.entries(other.change.fields));
    return given
      .filter(([name, { after }]) => isReplaced(change.fields[name], after))
      .map(([name, { after }]) => `${change.version}: ${name} was ${String(after)}`);
  });
};

function isReplaced(ours: Change['fields'][string] | undefined, theirs: unknown): boolean {
  return ours?.before === theirs && ours?.after !== theirs;
}

/** Changes of ours while an operator had the work order open. */
export const whileOpen: Rule = ({ timeline }) =>
  timeline
    .ourSteps()
    .filter(({ before }) => (before.openedBy ?? null) !== null)
    .map(
      ({ before, moment }) => `${moment.change.version}: ${String(before.openedBy)} had it open`,
    );

/** Id of the event that a change of ours carries out. */
const eventOf = ({ fields }: Change): string => String(fields.lastEventId?.after);
