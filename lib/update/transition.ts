import { judge, type TransitionGuard } from '../lifecycle/guard';
import { refusedEnding, type RefusedEnding } from '../lifecycle/refused-outcome';
import type { Snapshot } from '../record/snapshot';
import { failed, proven, type Ending } from './ending';
import type { Run } from './run';

/**
 * How an update ends whose transition may not, or need not, be made on this state of the record; undefined: it is to
 * be made, or the message brought no guard. Asked before every write: no conflict rule and no force writes what the guard refuses.
 */
export function endOfTransition(run: Run, current: Snapshot): Ending | undefined {
  const { guard, context, request } = run;
  if (guard === undefined) return undefined;
  const { values } = current;
  if (values[guard.field] === guard.to && run.doubt === undefined) return leftAsItIs(run, current);
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
 * The record is in the wanted state already, by whatever hand: there is no transition to make. Its other fields belong
 * to the transition that brought it there.
 */
function leftAsItIs(run: Run, current: Snapshot): Ending {
  for (const name of run.missing(current.values)) run.kept.add(name);
  const outcome = run.open.everInDoubt ? 'already-applied' : 'unchanged';
  return proven(outcome, { verified: !run.readFromCache() });
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
