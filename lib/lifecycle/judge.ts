import type { Circumstances, Refused, TransitionGuard } from './guard';
import { openRecord } from './judge-open';
import { missingFields } from './judge-required';
import { unknownState } from './judge-states';
import { lateEvent, movedState, noSuchTransition } from './judge-transition';
import { requiredFields } from './machine';
import { valueOf, watchedFields } from './watched';

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
export function guardFields(guard: TransitionGuard): readonly string[] {
  return [...new Set([...watchedFields(guard), ...requiredFields(guard.machine, guard.to)])];
}

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
