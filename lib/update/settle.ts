import type { FieldConflict, Outcome, RetryCause } from '../outcome/outcome';
import type { Reconciled } from '../record/reconcile';
import type { Snapshot } from '../record/snapshot';
import { applyRule, conflictEnding, type Collision } from './conflict-rule';
import { failed, proven, type Ending } from './ending';
import type { Run } from './run';
import { showsFormerStamp } from './stamp';
import { endOfTransition } from './transition';
import type { Trouble } from './write-record';

/** What to do after comparing the record with the baseline. */
export type Settled =
  | { readonly end: Ending }
  /** The write may be tried (again) on the version just read. */
  | { readonly again: RetryCause };

/**
 * Compares the record as it is now with the baseline, after an attempt that did not succeed.
 * The order of the checks matters: docs/safety.md, "The update loop".
 */
export async function settle(run: Run, trouble: Trouble, current: Snapshot): Promise<Settled> {
  const isUnmoved = current.version === trouble.sentOn;
  const isShown = run.missing(current.values).length === 0;
  if (isShown && !(isUnmoved && run.readFromCache())) return inPlace(run);
  if (run.isForced) return settleForced(run, trouble, isUnmoved);
  if (!isUnmoved) return settleMoved(run, current, trouble);
  return asGuardSees(run, current, unmoved(run, trouble));
}

/**
 * Every target is as desired: ours when a write of ours may have done it. A cache may show what no longer holds; then
 * only a write on its version tells, and that only where none is in doubt.
 */
export function inPlace(run: Run): Settled {
  if (!run.readFromCache()) {
    return { end: proven(run.open.everInDoubt ? 'already-applied' : 'unchanged') };
  }
  return run.doubt === undefined ? { again: 'noise' } : { end: shownByCache() };
}

/** A forced write has no version to tell noise from a revert of ours; only the API can know it again, by its key. */
export function settleForced(run: Run, trouble?: Trouble, isUnmoved = false): Settled {
  if (run.doubt?.seenUnmoved === false) return { end: possiblyReverted() };
  if (isUnmoved && trouble?.kind === 'undetermined') return unmoved(run, trouble);
  return trouble?.kind === 'state-conflict' ? { end: trouble.ending } : { again: 'noise' };
}

/** The record moved away from the baseline: noise goes on, a collision meets the conflict rule. */
export async function settleMoved(
  run: Run,
  current: Snapshot,
  trouble?: Trouble,
): Promise<Settled> {
  // It may have moved after the look that settled a doubt, which is by far the likelier, or that look was behind:
  // only a stamp field tells the two apart.
  if (run.request.stamp !== undefined) run.open.reopen();
  const base = run.base ?? current;
  const found = run.reconcile(base, current);
  if (found.kind === 'applied') return inPlace(run);
  const doubtful = stillInDoubt(run, current, found);
  if (doubtful !== undefined) return { end: doubtful };
  run.open.close();
  const end = endOfTransition(run, current) ?? (await collided(run, { base, current }, found));
  if (end !== undefined) return { end };
  // Only a guard tells whether the state that is there now allows what the state before did not.
  if (trouble?.kind === 'state-conflict' && run.guard === undefined) return { end: trouble.ending };
  return { again: 'noise' };
}

/** The write in doubt may have been applied before somebody changed the record: nothing is written after that. */
function stillInDoubt(run: Run, current: Snapshot, found: Reconciled): Ending | undefined {
  if (run.doubt === undefined || showsFormerStamp(run, current)) return undefined;
  return found.kind === 'noise' ? possiblyReverted() : possiblyOverwritten(fieldsOf(found));
}

type Snapshots = Pick<Collision, 'base' | 'current'>;

/** How fields that were changed by somebody else end the update; undefined: they do not, as where it is forced. */
async function collided(
  run: Run,
  snapshots: Snapshots,
  found: Reconciled,
): Promise<Ending | undefined> {
  if (run.request.force) return undefined;
  switch (found.kind) {
    case 'unknown':
      return unknownFields(found.fields);
    case 'conflict':
      if (found.guards.length > 0) return conflictEnding({ fields: fieldsOf(found) });
      return applyRule(run, { fields: found.fields, ...snapshots });
    default:
      return undefined;
  }
}

function fieldsOf(found: Reconciled): readonly FieldConflict[] {
  if (found.kind === 'conflict') return [...found.fields, ...found.guards];
  return found.kind === 'unknown' ? found.fields : [];
}

/** Nobody changed the record since the version that was sent. */
function unmoved(run: Run, trouble: Trouble): Settled {
  if (trouble.kind === 'doubt') run.seenUnmoved();
  const settled = refused(run, trouble);
  if ('again' in settled || run.doubt === undefined) return settled;
  // Whatever became of this write, an earlier one may land after the look.
  return { end: { ...settled.end, outcome: 'uncertain', verified: false } };
}

/** A version need not count all that a guard looks at: what that sees by now is the better reason to end. */
function asGuardSees(run: Run, current: Snapshot, settled: Settled): Settled {
  if ('again' in settled || run.doubt !== undefined) return settled;
  return { end: endOfTransition(run, current) ?? settled.end };
}

function refused(run: Run, trouble: Trouble): Settled {
  // Only a 412 is about the version for sure; a 409 may say "modified by another user" for any refusal.
  if (trouble.kind !== 'doubt' && run.log.latest?.status === 412) {
    // Looks are behind, then, and the one that settled a doubt may have been so too.
    run.open.reopen();
    return { end: notProgressing() };
  }
  switch (trouble.kind) {
    case 'doubt':
      if (isSignInPage(trouble)) return { end: { ...trouble.ending, outcome: 'denied' } };
      if (isReported(trouble)) return { end: { ...trouble.ending, outcome: 'rejected' } };
      return { again: 'transient' };
    case 'in-progress': // looked at for the last time
      return { again: 'transient' };
    case 'version-conflict':
    case 'undetermined':
    case 'state-conflict':
      return { end: { ...trouble.ending, outcome: refusalOf(trouble), verified: true } };
    default:
      return { end: trouble.ending };
  }
}

/** Some APIs answer 409 to who may not change the record: sending it again will not help either. */
function refusalOf(trouble: Trouble): Outcome {
  return trouble.ending.error?.code === 'ACCESS_REFUSED' ? 'denied' : 'invalid-state';
}

/** The record is as before and the API answers with a web page: sending it again will not help. */
function isSignInPage(trouble: Trouble): boolean {
  return trouble.ending.error?.code === 'HTML_ANSWER';
}

/** The record is as before, and the API said in a 2xx that the write had failed. */
function isReported(trouble: Trouble): boolean {
  return trouble.ending.error?.code === 'FAILURE_REPORTED';
}

function unknownFields(fields: Parameters<typeof conflictEnding>[0]['fields']): Ending {
  const names = fields.map(({ name }) => name).join(', ');
  return failed(
    'conflict',
    {
      code: 'FIELD_UNKNOWN',
      message: `The record changed and ${names} cannot be compared: missing in the snapshot the decision was made on, or not readable now. Read these fields with etag-fetch, or check the read permission.`,
    },
    { conflict: { fields } },
  );
}

/** A write of ours may have been in place before that: no conflict rule may undo what somebody did after it. */
function possiblyOverwritten(fields: readonly FieldConflict[]): Ending {
  const error = {
    code: 'WRITE_IN_DOUBT',
    message:
      'The answer to a write was lost, and the record has changed since in a field of this update: the write may have been applied before that. Look at the record and send the update again if it is still wanted.',
  };
  return failed('uncertain', error, { conflict: { fields } });
}

function possiblyReverted(): Ending {
  return failed('uncertain', {
    code: 'POSSIBLY_REVERTED',
    message:
      'The answer to a write was lost, and the record has changed since while the fields show their old values: either the write never arrived, or it was applied and reverted by somebody. Look at the record and send the update again if it is still wanted.',
  });
}

function shownByCache(): Ending {
  return failed('uncertain', {
    code: 'SHOWN_BY_CACHE',
    message:
      'The answer to a write was lost, and only a cache shows the desired values: it may show a state from before the write. Look at the record once the cache has caught up, and send the update again if it is still wanted.',
  });
}

function notProgressing(): Ending {
  return failed('unsupported', {
    code: 'VERSION_NOT_PROGRESSING',
    message:
      'The API refuses the version it names itself. Something on the way alters it (a compressing proxy that adds -gzip, a stale replica), or the API compares another version. Take the version from the body instead of the header, or ask for the proxy to leave ETags alone.',
  });
}
