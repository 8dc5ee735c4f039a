import type { Circumstances, Refused, TransitionGuard } from './guard';
import { findState, sameSpelling, type StateMachine } from './machine';
import { valueOf, watchedFields } from './watched';
import { shown } from './wording';

/** A state that is not in the table, or a field that the record does not show: nothing can be said then. */
export function unknownState(
  guard: TransitionGuard,
  { values }: Circumstances,
): Refused | undefined {
  const from = valueOf(values, guard.field);
  if (from === undefined) return unseen(guard, from, guard.field);
  const absent = absentState(guard, from);
  if (absent !== undefined) return unknown(guard, from, absent);
  const hidden = guard.missingMeansEmpty
    ? undefined
    : watchedFields(guard).find(name => valueOf(values, name) === undefined);
  return hidden === undefined ? undefined : unseen(guard, from, hidden);
}

/** A refusal because something about the record or the table cannot be told. */
export function unknown({ to }: TransitionGuard, from: unknown, message: string): Refused {
  return { refusal: { reason: 'unknown-state', from, to }, code: 'STATE_UNKNOWN', message };
}

function unseen(guard: TransitionGuard, from: unknown, name: string): Refused {
  return unknown(
    guard,
    from,
    `The record does not show the field ${name}, so it cannot be told whether ${shown(guard.to)} may follow. Name it under Guard fields of etag-fetch and check its spelling, or let transition-guard take fields that the record does not show as empty.`,
  );
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
