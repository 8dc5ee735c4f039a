// An update is over, and its result must not get lost with the message.
import { InputError, StopError } from '../../lib/errors';
import { isUnsettled, type UpdateResult } from '../../lib/outcome/outcome';
import { isFields } from '../../lib/record/fields';

/** @param changes whose names are told, never their values */
export function stoppedAfter(result: UpdateResult, changes: unknown): StopError {
  return new StopError(
    isInDoubt(result) ? 'UPDATE_UNCERTAIN' : 'STOPPED',
    `The update ended as "${result.outcome}" while the flow was being stopped, so the message could not go on (${detailOf(result, changes)}).`,
  );
}

/** @param error why the message could not go on */
export function keptBack(result: UpdateResult, changes: unknown, error: unknown): Error {
  const reason = error instanceof Error ? error.message : 'it could not be passed on';
  const said = `The update ended as "${result.outcome}", but the message could not go on (${detailOf(result, changes)}): ${reason}`;
  return isInDoubt(result)
    ? new StopError('UPDATE_UNCERTAIN', said)
    : new InputError(error instanceof InputError ? error.code : 'MESSAGE_NOT_PASSED', said);
}

function isInDoubt({ outcome, pending }: UpdateResult): boolean {
  return outcome === 'uncertain' || isUnsettled(pending);
}

function detailOf({ key, attempts }: UpdateResult, changes: unknown): string {
  const sent = attempts.at(-1)?.versionSent ?? 'none';
  const fields = isFields(changes) ? Object.keys(changes) : [];
  return `record ${JSON.stringify(key)}, version sent ${sent}, fields ${fields.join(', ')}`;
}
