import type { Fields } from '../record/fields';
import type { Circumstances, OpenRule, Refusal, Refused, TransitionGuard } from './guard';
import {
  findState,
  isAllowed,
  isState,
  nextStates,
  requiredFields,
  sameSpelling,
  type StateMachine,
} from './machine';
import { shortestPath } from './paths';
import { isBefore, asIsoTime, timeOf } from './times';
import { listed, shown } from './wording';

/**
 * Whether a transition may be made now; undefined: it may. A record that is in the wanted state already needs no
 * transition, and one that has left the state the decision was made on is never overwritten, allowed or not.
 */
export function judge(guard: TransitionGuard, circumstances: Circumstances): Refused | undefined {
  if (valueOf(circumstances.values, guard.field) === guard.to) return undefined;
  for (const check of CHECKS) {
    const refused = check(guard, circumstances);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

type Check = (guard: TransitionGuard, circumstances: Circumstances) => Refused | undefined;

/** The first that objects gives the reason. */
const CHECKS: readonly Check[] = [
  unknownState,
  movedState,
  noSuchTransition,
  lateEvent,
  missingFields,
  openRecord,
];

/** Names of the record's fields that `judge` looks at, the status field first: what a read has to bring. */
export function fieldsToJudge(guard: TransitionGuard): readonly string[] {
  return [...new Set([...watchedFields(guard), ...requiredFields(guard.machine, guard.to)])];
}

/** Fields whose value in the record a transition depends on, the status field first. */
export function watchedFields({ field, eventAt, sinceField, open }: TransitionGuard): string[] {
  const since = eventAt === undefined ? undefined : sinceField;
  return [field, since, open?.byField, open?.atField].filter(name => name !== undefined);
}

/** A state that is not in the table, or a field that the record does not show: nothing can be said then. */
function unknownState(guard: TransitionGuard, { values }: Circumstances): Refused | undefined {
  const from = valueOf(values, guard.field);
  if (from === undefined) return unseen(guard, from, guard.field);
  const absent = absentState(guard, from);
  if (absent !== undefined) return unknown(guard, from, absent);
  const hidden = guard.missingMeansEmpty
    ? undefined
    : watchedFields(guard).find(name => valueOf(values, name) === undefined);
  return hidden === undefined ? undefined : unseen(guard, from, hidden);
}

/** Which of the two states the table does not have, as a sentence; undefined: it has both. */
function absentState({ machine, field, to }: TransitionGuard, from: unknown): string | undefined {
  if (findState(machine, to) === undefined) {
    const hint = likeness(machine, to) ?? 'Add it there, or correct the changes.';
    return `The wanted status ${named(to)} is not in the table of states. ${hint}`;
  }
  if (findState(machine, from) === undefined) {
    const hint = likeness(machine, from) ?? 'Add it there, or correct the record.';
    return `The record's ${field} is ${named(from)}, which is not in the table of states. ${hint}`;
  }
  return undefined;
}

function likeness(machine: StateMachine, name: unknown): string | undefined {
  const similar = sameSpelling(machine, name);
  return similar === undefined
    ? undefined
    : `The table has ${named(similar)}: case and type count.`;
}

function named(name: unknown): string {
  return `${typeof name === 'number' ? 'the number ' : ''}${shown(name)}`;
}

function unseen(guard: TransitionGuard, from: unknown, name: string): Refused {
  return unknown(
    guard,
    from,
    `The record does not show the field ${name}, so it cannot be told whether ${shown(guard.to)} may follow. Name it under Guard fields of etag-fetch and check its spelling, or let transition-guard take fields that the record does not show as empty.`,
  );
}

/** A refusal because something about the record or the table cannot be told. */
function unknown({ to }: TransitionGuard, from: unknown, message: string): Refused {
  return { refusal: { reason: 'unknown-state', from, to }, code: 'STATE_UNKNOWN', message };
}

/** The record has left the state the decision was made on. Whether the new one allows the transition is for a person. */
function movedState(guard: TransitionGuard, { values }: Circumstances): Refused | undefined {
  const from = valueOf(values, guard.field);
  if (from === guard.from) return undefined;
  return {
    refusal: { ...invalid(guard, from), decidedOn: guard.from },
    code: 'STATE_MOVED',
    message: `The record's ${guard.field} was ${shown(guard.from)} when ${shown(guard.to)} was decided on and is ${shown(from)} now: it was changed meanwhile. ${wayOn(guard, from)}`,
  };
}

function noSuchTransition(guard: TransitionGuard, { values }: Circumstances): Refused | undefined {
  const from = valueOf(values, guard.field);
  if (isAllowed(guard.machine, from, guard.to)) return undefined;
  return {
    refusal: invalid(guard, from),
    code: 'INVALID_TRANSITION',
    message: `The record's ${guard.field} cannot go from ${shown(from)} to ${shown(guard.to)}. ${wayOn(guard, from)}`,
  };
}

/** An event that happened before the record came into its present state was overtaken: it speaks of a state before. */
function lateEvent(guard: TransitionGuard, { values }: Circumstances): Refused | undefined {
  const { eventAt, sinceField, own } = guard;
  if (eventAt === undefined || sinceField === undefined) return undefined;
  const value = valueOf(values, sinceField);
  if (isEmpty(value)) return undefined;
  const from = valueOf(values, guard.field);
  const noted = asIsoTime(value);
  if (noted === undefined) {
    return unknown(
      guard,
      from,
      `The record's ${sinceField} holds ${shown(value)}, which is no time, so it cannot be told whether the event comes late. Choose a field with a date and time under In this status since of transition-guard.`,
    );
  }
  // The API may have noted when our write came in: that is no time of an event.
  const since = own !== undefined && own.since === value ? own.eventAt : noted;
  if (!isBefore(eventAt, since)) return undefined;
  return {
    refusal: {
      reason: 'invalid-transition',
      from,
      to: guard.to,
      next: nextStates(guard.machine, from),
      late: { eventAt, since },
    },
    code: 'EVENT_LATE',
    message: `The event of ${eventAt} comes late: the record's ${guard.field} is ${shown(from)} since ${since}.`,
  };
}

function invalid(guard: TransitionGuard, from: unknown): Refusal {
  const path = wayFrom(guard, from);
  return {
    reason: 'invalid-transition',
    from,
    to: guard.to,
    next: nextStates(guard.machine, from),
    ...(path === undefined ? {} : { path }),
  };
}

function wayOn(guard: TransitionGuard, from: unknown): string {
  const next = nextStates(guard.machine, from);
  if (next.length === 0) return `Nothing may follow ${shown(from)}.`;
  const path = wayFrom(guard, from);
  const way =
    path === undefined || path.length < 2
      ? ''
      : ` The shortest way is ${path.map(shown).join(' → ')}.`;
  return `Next may come ${listed(next)}.${way}`;
}

function wayFrom({ machine, to }: TransitionGuard, from: unknown): Refusal['path'] {
  return isState(from) ? shortestPath(machine, from, to) : undefined;
}

/** What the changes name counts, even where they empty a field; what they do not name counts as the record holds it. */
export function missingFields(
  guard: TransitionGuard,
  { values, changes }: Circumstances,
): Refused | undefined {
  if (changes === undefined) return undefined;
  const missing = requiredFields(guard.machine, guard.to).filter(name =>
    isEmpty(valueOf(Object.hasOwn(changes, name) ? changes : values, name)),
  );
  if (missing.length === 0) return undefined;
  return {
    refusal: {
      reason: 'missing-fields',
      from: valueOf(values, guard.field),
      to: guard.to,
      missing,
    },
    code: 'FIELDS_MISSING',
    message: `${shown(guard.to)} needs ${missing.join(', ')}: empty in the changes and in the record. Add ${missing.length === 1 ? 'it' : 'them'} to the changes.`,
  };
}

const MS_PER_MINUTE = 60_000;

/** An operator has the record open in a terminal: the automation keeps out of the way. */
function openRecord(guard: TransitionGuard, { values, now }: Circumstances): Refused | undefined {
  const { open, field } = guard;
  if (open === undefined) return undefined;
  const by = open.byField === undefined ? undefined : holderOf(values, open.byField);
  const at = open.atField === undefined ? undefined : valueOf(values, open.atField);
  const from = valueOf(values, field);
  if (open.rule === 'newer' && !isEmpty(at) && timeOf(at) === undefined) {
    return unknown(
      guard,
      from,
      `The record's ${open.atField ?? ''} holds ${shown(at)}, which is no time, so it cannot be told whether an operator has it open. Choose a field with a date and time under Opened at field of transition-guard.`,
    );
  }
  if (!isOpen(open, { by, at, now })) return undefined;
  return {
    refusal: { reason: 'busy', from, to: guard.to, ...who(by, at) },
    code: 'RECORD_OPEN',
    message: `The record is open in a terminal${isEmpty(by) ? '' : `, by ${shown(by)}`}${isEmpty(at) ? '' : `, since ${shown(at)}`}. Send the update again when it is closed.`,
  };
}

/** Some records have a flag instead of a name: false is nobody. */
function holderOf(values: Fields, field: string): unknown {
  const by = valueOf(values, field);
  return by === false ? undefined : by;
}

interface Opening {
  readonly by: unknown;
  readonly at: unknown;
  readonly now: number;
}

function isOpen({ rule, ours, minutes = 0 }: OpenRule, { by, at, now }: Opening): boolean {
  switch (rule) {
    case 'any':
      return !isEmpty(by);
    case 'other':
      return !isEmpty(by) && !isOurs(by, ours);
    case 'newer':
      // A time in the future is a clock that runs ahead: somebody has just opened it.
      return (timeOf(at) ?? -Infinity) > now - minutes * MS_PER_MINUTE;
  }
}

/** The dialog holds text, whatever the record spells it as. */
function isOurs(by: unknown, ours: string | undefined): boolean {
  return by === ours || (typeof by === 'number' && String(by) === ours);
}

function who(by: unknown, at: unknown): Pick<Refusal, 'openedBy' | 'openedAt'> {
  return {
    ...(isEmpty(by) ? {} : { openedBy: by }),
    ...(isEmpty(at) ? {} : { openedAt: at }),
  };
}

/** What a record or changes hold; undefined where the field is not shown. Never what a prototype holds. */
export function valueOf(values: Fields, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Whether a field counts as not filled in. */
export function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  );
}
