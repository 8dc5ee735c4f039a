import type { TransitionGuard } from '../lifecycle/guard';
import { judge, valueOf } from '../lifecycle/judge';
import type { OwnTransition } from '../record/snapshot';
import { refusedEnding, type RefusedEnding } from '../outcome/ending';
import { isInDoubt } from './doubt';
import { failed, proven, retryOf, type Ending } from './ending';
import { diffOf, isProof, isToCompute, missing, present, type Known, type Task } from './known';

/**
 * How an update ends whose transition may not, or need not, be made on the state seen last; undefined: it is to be
 * made, or the message brought no guard for it. No conflict rule and no force writes what that refuses.
 * @param now wall clock, milliseconds since the epoch
 */
export function endOfTransition(task: Task, known: Known, now: number): Ending | undefined {
  const { transition, request } = task;
  // What is yet to be computed is judged once it is: nothing is written before.
  if (transition === undefined || isToCompute(task, known)) return undefined;
  const { values } = present(known);
  if (valueOf(values, transition.field) === transition.to) return inWantedState(task, known);
  const refused = judge(transition, { values, changes: known.toSend, now });
  if (refused === undefined) return undefined;
  const ending = refusedEnding(transition, refused);
  // An operator will close the record some time.
  const retry =
    ending.outcome === 'busy'
      ? retryOf(request, 'busy', { ...ending, verified: false })
      : undefined;
  if (retry !== undefined) return retry;
  if (isInDoubt(known.doubt)) return refusedInDoubt(transition, ending);
  return { ...ending, verified: isProof(known) };
}

/**
 * What a write of this update does to the status, to be known to the events that come after it; undefined: its own event
 * was not asked whether it came late.
 */
export function ownTransition({ transition }: Task): OwnTransition | undefined {
  if (transition === undefined) return undefined;
  const { field, to, sinceField, eventAt } = transition;
  if (sinceField === undefined || eventAt === undefined) return undefined;
  return { field, to, sinceField, eventAt };
}

/**
 * By whatever hand, there is no transition to make any more. The record is left as it is: its other fields belong to
 * the transition that brought it there.
 */
function inWantedState(task: Task, known: Known): Ending {
  if (isInDoubt(known.doubt)) return wantedWhileInDoubt(task, known);
  if (!isProof(known)) return WANTED_SHOWN_BY_CACHE;
  const outcome = known.doubt.everInDoubt ? 'already-applied' : 'unchanged';
  return proven(outcome, { kept: missing(task, known, present(known).values) });
}

/** What is refused now may have been done, or be under way, by a write whose answer was lost. */
function refusedInDoubt(transition: TransitionGuard, { error, refused }: RefusedEnding): Ending {
  const status = {
    name: transition.field,
    base: transition.from,
    ours: transition.to,
    theirs: refused.from,
  };
  return failed(
    'uncertain',
    {
      code: 'WRITE_IN_DOUBT',
      message: `The answer to a write was lost: it may have been applied, or may still be. It is not sent again, because the transition is refused now. ${error.message} Look at the record and send the update again if it is still wanted.`,
    },
    { conflict: { fields: [status] }, refused },
  );
}

/** Only on the version that was sent: a record that moved is compared before it is judged. */
function wantedWhileInDoubt(task: Task, known: Known): Ending {
  const error = {
    code: 'WRITE_IN_DOUBT',
    message:
      'The answer to a write was lost: it may still be applied. It is not sent again, because the record is in the wanted status already, though not with all the values of this update. Look at the record.',
  };
  return failed('uncertain', error, { conflict: { fields: diffOf(task, known, present(known)) } });
}

const WANTED_SHOWN_BY_CACHE: Ending = failed('exhausted', {
  code: 'SHOWN_BY_CACHE',
  message:
    'Only a cache shows the record in the wanted status: it may show a state gone by. Nothing was written. Send the update again once the cache has caught up.',
});
