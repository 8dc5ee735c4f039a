import type { RetryCause } from '../outcome/outcome';
import type { Snapshot } from '../record/snapshot';
import { applyRule, conflictEnding } from './conflict-rule';
import { failed, proven, type Ending } from './ending';
import type { Run } from './run';
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
  if (run.missing(current.values).length === 0) return { end: inPlace(run) };
  if (current.version === trouble.versionSent) return unmoved(run, trouble);
  if (run.request.force) return settleForced(run);
  return settleMoved(run, current, trouble);
}

/** Every target is as desired: ours when a write of ours may have done it. */
export function inPlace(run: Run): Ending {
  return proven(run.everInDoubt ? 'already-applied' : 'unchanged');
}

/** The record moved away from the baseline: noise goes on, a collision meets the conflict rule. */
export async function settleMoved(
  run: Run,
  current: Snapshot,
  trouble?: Trouble,
): Promise<Settled> {
  const base = run.base ?? current;
  const found = run.reconcile(base, current);
  switch (found.kind) {
    case 'applied':
      return { end: inPlace(run) };
    case 'unknown':
      return { end: unknownFields(found.fields) };
    case 'conflict': {
      const all = [...found.fields, ...found.guards];
      if (found.guards.length > 0) return { end: conflictEnding({ fields: all }) };
      const end = await applyRule(run, { fields: found.fields, base, current });
      if (end !== undefined) return { end };
      break;
    }
    case 'noise':
      if (run.doubt !== undefined) return { end: possiblyReverted() };
  }
  run.doubt = undefined;
  if (trouble?.kind === 'state-conflict') return { end: trouble.ending };
  return { again: 'noise' };
}

/** Nobody changed the record since the version that was sent. */
function unmoved(run: Run, trouble: Trouble): Settled {
  // Only a 412 is about the version for sure; a 409 may say "modified by another user" for any refusal.
  if (run.attempts.at(-1)?.status === 412) return { end: notProgressing() };
  switch (trouble.kind) {
    case 'doubt':
      if (isSignInPage(trouble)) return { end: { ...trouble.ending, outcome: 'denied' } };
      run.seenUnmoved();
      return { again: 'transient' };
    case 'version-conflict':
    case 'undetermined':
    case 'state-conflict':
      return { end: { ...trouble.ending, outcome: 'invalid-state', verified: true } };
    default:
      return { end: trouble.ending };
  }
}

/** The record is as before and the API answers with a web page: sending it again will not help. */
function isSignInPage(trouble: Trouble): boolean {
  return trouble.ending.error?.code === 'HTML_ANSWER';
}

/** A forced write has no version to tell noise from a revert of ours. */
function settleForced(run: Run): Settled {
  if (run.doubt !== undefined) return { end: possiblyReverted() };
  return { again: 'noise' };
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

function possiblyReverted(): Ending {
  return failed('uncertain', {
    code: 'POSSIBLY_REVERTED',
    message:
      'The answer to a write was lost, and the record has changed since while the fields show their old values: either the write never arrived, or it was applied and reverted by somebody. Look at the record and send the update again if it is still wanted.',
  });
}

function notProgressing(): Ending {
  return failed('unsupported', {
    code: 'VERSION_NOT_PROGRESSING',
    message:
      'The API refuses the version it names itself. Something on the way alters it (a compressing proxy that adds -gzip, a stale replica), or the API compares another version. Take the version from the body instead of the header, or ask for the proxy to leave ETags alone.',
  });
}
