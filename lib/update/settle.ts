import type { Outcome } from '../outcome/outcome';
import type { RetryCause } from '../retry/policy';
import { isWeak } from '../record/version';
import { type FieldConflict, reconcile, type Reconciled } from '../record/reconcile';
import { applyDecision, type Ruled } from './conflict-rule';
import { closed, isInDoubt, isUnseen, reopened, seenUnmoved, showsFormerStamp } from './doubt';
import { failed, proven, type Ending } from './ending';
import {
  isForced,
  isProof,
  missing,
  present,
  type Collision,
  type Known,
  type Task,
  type Trouble,
} from './known';
import type { Decide } from './request';
import { endOfTransition } from './transition';

/** What to do after comparing the record with the baseline. */
export type Settled = { readonly known: Known } & (
  | { readonly kind: 'end'; readonly ending: Ending }
  /** The write may be tried (again) on the version just read. */
  | { readonly kind: 'again'; readonly cause: RetryCause }
  /** A decision function has to be asked about a conflict. */
  | { readonly kind: 'ask'; readonly decide: Decide; readonly collision: Collision }
);

/** Whatever happened between the baseline and the record as it was seen before the first write. */
export function settleBefore(task: Task, known: Known, now: number): Settled {
  if (isForced(task)) return settleForced(known);
  if (known.base?.version === present(known).version) return again(known, 'noise');
  return settleMoved(task, known, now);
}

/**
 * Compares the record as it is now with the baseline, after an attempt that did not succeed.
 * The order of the checks matters: docs/safety.md, "The update loop".
 */
export function settle(task: Task, known: Known, trouble: Trouble, now: number): Settled {
  const { version, values } = present(known);
  const isUnmoved = version === trouble.sentOn;
  const isShown = missing(task, known, values).length === 0;
  if (isShown && (isProof(known) || !isUnmoved)) return inPlace(known);
  if (isForced(task)) return settleForced(known, trouble, isUnmoved);
  if (!isUnmoved) return settleMoved(task, known, now, trouble);
  return asGuardSees(task, unmoved(known, trouble), now);
}

/**
 * Every target is as desired: ours when a write of ours may have done it. A cache may show what no longer holds; then
 * only a write on its version tells, and that only where none is in doubt.
 */
export function inPlace(known: Known): Settled {
  if (isProof(known)) {
    return end(known, proven(known.open.everInDoubt ? 'already-applied' : 'unchanged'));
  }
  return isInDoubt(known.open) ? end(known, SHOWN_BY_CACHE) : again(known, 'noise');
}

/** What the conflict rule decided goes on as after noise. */
export function settleRuled(task: Task, ruled: Ruled, trouble: Trouble | undefined): Settled {
  const { known } = ruled;
  if (ruled.end !== undefined) return end(known, ruled.end);
  // Only a guard tells whether the state that is there now allows what the state before did not.
  if (trouble?.kind === 'state-conflict' && task.guard === undefined) {
    return end(known, trouble.ending);
  }
  return again(known, 'noise');
}

/** A forced write has no version to tell noise from a revert of ours; only the API can know it again, by its key. */
function settleForced(known: Known, trouble?: Trouble, isUnmoved = false): Settled {
  if (isUnseen(known.open)) return end(known, POSSIBLY_REVERTED);
  if (isUnmoved && trouble?.kind === 'undetermined') return unmoved(known, trouble);
  if (trouble?.kind === 'state-conflict') return end(known, trouble.ending);
  return again(known, 'noise');
}

/** The record moved away from the baseline: noise goes on, a collision meets the conflict rule. */
function settleMoved(task: Task, before: Known, now: number, trouble?: Trouble): Settled {
  // It may have moved after the look that settled a doubt, which is by far the likelier, or that look was behind:
  // only a stamp field tells the two apart.
  const known =
    task.request.stamp === undefined ? before : { ...before, open: reopened(before.open) };
  const current = present(known);
  const base = known.base ?? current;
  const found = reconcile({
    targets: known.targets,
    guards: task.request.guards,
    base: base.values,
    theirs: current.values,
    typeOf: task.typeOf,
    missingMeansNull: task.family.missingMeansNull,
  });
  if (found.kind === 'applied') return inPlace(known);
  const doubtful = stillInDoubt(task, known, found);
  if (doubtful !== undefined) return end(known, doubtful);
  const clear = { ...known, open: closed(known.open) };
  const refused = endOfTransition(task, clear, now);
  if (refused !== undefined) return end(clear, refused);
  return collided(task, clear, found, { base, current }, trouble);
}

/** The write in doubt may have been applied before somebody changed the record: nothing is written after that. */
function stillInDoubt(task: Task, known: Known, found: Reconciled): Ending | undefined {
  if (!isInDoubt(known.open) || hasFormerStamp(task, known)) return undefined;
  return found.kind === 'noise' ? POSSIBLY_REVERTED : possiblyOverwritten(fieldsOf(found));
}

function hasFormerStamp({ request, family }: Task, known: Known): boolean {
  if (request.stamp === undefined || !isProof(known)) return false;
  return showsFormerStamp(known.open, family.readName(request.stamp), present(known).values);
}

/** What becomes of fields that were changed by somebody else; nothing where the update is forced. */
function collided(
  task: Task,
  known: Known,
  found: Reconciled,
  snapshots: Pick<Collision, 'base' | 'current'>,
  trouble: Trouble | undefined,
): Settled {
  const ruled = (by: Ruled): Settled => settleRuled(task, by, trouble);
  const { rule, force } = task.request;
  if (force || found.kind === 'noise' || found.kind === 'applied') return ruled({ known });
  if (found.kind === 'unknown') return end(known, unknownFields(found.fields));
  if (found.guards.length > 0) {
    return end(known, proven('conflict', { conflict: { fields: fieldsOf(found) } }));
  }
  const collision = { fields: found.fields, ...snapshots };
  if (typeof rule === 'function') return { known, kind: 'ask', decide: rule, collision };
  return ruled(applyDecision(task, known, collision, rule));
}

function fieldsOf(found: Reconciled): readonly FieldConflict[] {
  if (found.kind === 'conflict') return [...found.fields, ...found.guards];
  return found.kind === 'unknown' ? found.fields : [];
}

/** Nobody changed the record since the version that was sent. */
function unmoved(known: Known, trouble: Trouble): Settled {
  if (trouble.kind !== 'doubt') return refused(known, trouble);
  return refused({ ...known, open: seenUnmoved(known.open, isProof(known)) }, trouble);
}

/** A version need not count all that a guard looks at: what that sees by now is the better reason to end. */
function asGuardSees(task: Task, settled: Settled, now: number): Settled {
  const { known } = settled;
  if (settled.kind !== 'end' || isInDoubt(known.open)) return settled;
  return end(known, endOfTransition(task, known, now) ?? settled.ending);
}

function refused(known: Known, trouble: Trouble): Settled {
  if (trouble.kind !== 'doubt' && trouble.isVersion) {
    // Looks are behind, then, and the one that settled a doubt may have been so too.
    return end({ ...known, open: reopened(known.open) }, notProgressing(trouble.sentOn));
  }
  switch (trouble.kind) {
    case 'doubt':
      return afterDoubt(known, trouble);
    case 'in-progress': // looked at for the last time
      return again(known, 'transient');
    case 'version-conflict':
    case 'undetermined':
    case 'state-conflict':
      return end(known, { ...trouble.ending, outcome: refusalOf(trouble), verified: true });
    default:
      return end(known, trouble.ending);
  }
}

/** The record is as before. Where the API answers with a web page or said that the write failed, trying again is no use. */
function afterDoubt(known: Known, { ending }: Trouble): Settled {
  switch (ending.error?.code) {
    case 'HTML_ANSWER':
      return end(known, { ...ending, outcome: 'denied' });
    case 'FAILURE_REPORTED':
      return end(known, { ...ending, outcome: 'rejected' });
    default:
      return again(known, 'transient');
  }
}

/** Some APIs answer 409 to who may not change the record: sending it again will not help either. */
function refusalOf({ ending }: Trouble): Outcome {
  return ending.error?.code === 'ACCESS_REFUSED' ? 'denied' : 'invalid-state';
}

function end(known: Known, ending: Ending): Settled {
  return { known, kind: 'end', ending };
}

function again(known: Known, cause: RetryCause): Settled {
  return { known, kind: 'again', cause };
}

/** Whether the API refuses the version that its own read shows, as far as one look can tell. */
export function isStuck(settled: Settled): settled is Extract<Settled, { readonly kind: 'end' }> {
  return settled.kind === 'end' && settled.ending.error?.code === NOT_PROGRESSING;
}

function unknownFields(fields: readonly FieldConflict[]): Ending {
  const names = fields.map(({ name }) => name).join(', ');
  const error = {
    code: 'FIELD_UNKNOWN',
    message: `The record changed and ${names} cannot be compared: missing in the snapshot the decision was made on, or not readable now. Read these fields with etag-fetch, or check the read permission.`,
  };
  return failed('conflict', error, { conflict: { fields } });
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

const POSSIBLY_REVERTED = failed('uncertain', {
  code: 'POSSIBLY_REVERTED',
  message:
    'The answer to a write was lost, and the record has changed since while the fields show their old values: either the write never arrived, or it was applied and reverted by somebody. Look at the record and send the update again if it is still wanted.',
});

const SHOWN_BY_CACHE = failed('uncertain', {
  code: 'SHOWN_BY_CACHE',
  message:
    'The answer to a write was lost, and only a cache shows the desired values: it may show a state from before the write. Look at the record once the cache has caught up, and send the update again if it is still wanted.',
});

const NOT_PROGRESSING = 'VERSION_NOT_PROGRESSING';

function notProgressing(version: string): Ending {
  const why = isWeak(version)
    ? 'It is a weak ETag (W/), which a server that compares as RFC 9110 asks never finds equal in If-Match: a proxy that compresses makes ETags weak, and so do servers of files for what was changed within the last second.'
    : 'Something on the way alters it (a compressing proxy that adds -gzip, a stale replica), or the API compares another version.';
  return failed('unsupported', {
    code: NOT_PROGRESSING,
    message: `The API refuses the version it names itself. ${why} Take the version from the body instead of the header, or ask for the proxy to leave ETags alone.`,
  });
}
