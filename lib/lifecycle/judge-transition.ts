import { unknown } from './judge-states';
import type { Refusal } from './refusal';
import type { Circumstances, Refused, TransitionGuard } from './guard';
import { isAllowed, isState, nextStates } from './machine';
import { shortestPath } from './paths';
import { isBefore, isoTime } from './times';
import { isEmpty, valueOf } from './watched';
import { listed, shown } from './wording';

/** The record has left the state the decision was made on. Whether the new one allows the transition is for a person. */
export function movedState(guard: TransitionGuard, { values }: Circumstances): Refused | undefined {
  const from = valueOf(values, guard.field);
  if (from === guard.from) return undefined;
  return {
    refusal: { ...invalid(guard, from), decidedOn: guard.from },
    code: 'STATE_MOVED',
    message: `The record's ${guard.field} was ${shown(guard.from)} when ${shown(guard.to)} was decided on and is ${shown(from)} now: it was changed meanwhile. ${wayOn(guard, from)}`,
  };
}

export function noSuchTransition(
  guard: TransitionGuard,
  { values }: Circumstances,
): Refused | undefined {
  const from = valueOf(values, guard.field);
  if (isAllowed(guard.machine, from, guard.to)) return undefined;
  return {
    refusal: invalid(guard, from),
    code: 'INVALID_TRANSITION',
    message: `The record's ${guard.field} cannot go from ${shown(from)} to ${shown(guard.to)}. ${wayOn(guard, from)}`,
  };
}

/** An event that happened before the record came into its present state was overtaken: it speaks of a state before. */
export function lateEvent(guard: TransitionGuard, { values }: Circumstances): Refused | undefined {
  const { eventAt, sinceField } = guard;
  if (eventAt === undefined || sinceField === undefined) return undefined;
  const value = valueOf(values, sinceField);
  if (isEmpty(value)) return undefined;
  const from = valueOf(values, guard.field);
  const since = isoTime(value);
  if (since === undefined) {
    return unknown(
      guard,
      from,
      `The record's ${sinceField} holds ${shown(value)}, which is no time, so it cannot be told whether the event comes late. Choose a field with a date and time under In this status since of transition-guard.`,
    );
  }
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
