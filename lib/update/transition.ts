import { judge, type TransitionGuard } from '../lifecycle/guard';
import { refusedEnding, type RefusedEnding } from '../lifecycle/refused-outcome';
import { valueOf } from '../lifecycle/watched';
import type { Snapshot } from '../record/snapshot';
import { diffOf } from './diff';
import { failed, proven, type Ending } from './ending';
import type { Run } from './run';

/**
 * How an update ends whose transition may not, or need not, be made on this state of the record; undefined: it is to
 * be made, or the message brought no guard. Asked before every write: no conflict rule and no force writes what the
 * guard refuses.
 */
export function endOfTransition(run: Run, current: Snapshot): Ending | undefined {
  const { guard, context, request } = run;
  if (guard === undefined) return undefined;
  const { values } = current;
  if (valueOf(values, guard.field) === guard.to) return inWantedState(run, current);
  const refused = judge(guard, { values, changes: run.toSend, now: context.time.now() });
  if (refused === undefined) return undefined;
  const ending = refusedEnding(guard, refused);
  if (request.mode === 'once' && ending.outcome === 'busy') {
    return { ...ending, outcome: 'retry', cause: 'busy', verified: false };
  }
  if (run.doubt !== undefined) return whileInDoubt(guard, ending);
  return { ...ending, verified: !run.readFromCache() };
}

/**
 * By whatever hand, there is no transition to make any more. The record is left as it is: its other fields belong to
 * the transition that brought it there.
 */
function inWantedState(run: Run, current: Snapshot): Ending {
  if (run.doubt !== undefined) return wantedWhileInDoubt(run, current);
  if (run.readFromCache()) return shownByCache();
  const outcome = run.open.everInDoubt ? 'already-applied' : 'unchanged';
  return proven(outcome, { kept: run.missing(current.values) });
}

/** What is refused now may have been done, or be under way, by a write whose answer was lost. */
function whileInDoubt(guard: TransitionGuard, { error, refused }: RefusedEnding): Ending {
  const status = { name: guard.field, base: guard.from, ours: guard.to, theirs: refused.from };
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
function wantedWhileInDoubt(run: Run, current: Snapshot): Ending {
  const error = {
    code: 'WRITE_IN_DOUBT',
    message:
      'The answer to a write was lost: it may still be applied. It is not sent again, because the record is in the wanted status already, though not with all the values of this update. Look at the record.',
  };
  return failed('uncertain', error, { conflict: { fields: diffOf(run, current) } });
}

function shownByCache(): Ending {
  return failed('exhausted', {
    code: 'SHOWN_BY_CACHE',
    message:
      'Only a cache shows the record in the wanted status: it may show a state gone by. Nothing was written. Send the update again once the cache has caught up.',
  });
}
