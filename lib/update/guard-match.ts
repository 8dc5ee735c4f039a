import { InputError } from '../errors';
import type { TransitionGuard } from '../lifecycle/guard';
import { shown } from '../lifecycle/wording';
import type { Fields } from '../record/fields';
import type { RecordRef } from '../record/ref';

/**
 * A guard protects only the transition it was made for. Throws InputError `GUARD_MISMATCH` for one of another record,
 * another field or another new state than the changes.
 */
export function checkGuardMatches(
  { url, field, to }: TransitionGuard,
  ref: RecordRef,
  changes: Fields,
): void {
  if (url !== ref.url) throw mismatch('is about another record than this update');
  if (!Object.hasOwn(changes, field)) {
    throw mismatch(`is about the field "${field}", which the changes do not write`);
  }
  if (changes[field] !== to) {
    const states = `${shown(to)}, and the changes write ${shown(changes[field])}`;
    throw mismatch(`allows "${field}" to become ${states}`);
  }
}

function mismatch(what: string): InputError {
  return new InputError(
    'GUARD_MISMATCH',
    `The transition guard in the message ${what}. Send the message through transition-guard with these very changes, or delete the guard from messages that need none.`,
  );
}
