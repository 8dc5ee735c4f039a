import { InputError } from '../errors';
import type { Sent } from '../outcome/row';
import { isFields, type Fields } from '../record/fields';
import { mergePatch } from '../record/merge';
import { checkETag } from '../record/version';
import type { WritePlan } from './family';

/**
 * The value of If-Match. No write request can be built without a checked version or an explicit `any`.
 * Throws InputError `VERSION_INVALID`.
 */
export function ifMatch(precondition: WritePlan['precondition']): string {
  return precondition === 'any' ? '*' : checkETag(precondition.version);
}

/** What a write request with this plan carries, for the decision table. Actions go by POST. */
export function sentWith({ method, precondition, action }: WritePlan): Sent {
  return {
    method: action === undefined ? method : 'POST',
    precondition: precondition === 'any' ? 'any' : 'version',
  };
}

/**
 * What a PUT sends: it resets what it leaves out, so everything that was read goes back with the changes in it.
 * @param record as read, numbers digit by digit
 * Throws InputError `RECORD_UNREAD` when there is no record.
 */
export function wholeRecord(record: unknown, changes: Fields): Fields {
  const merged = isFields(record) ? mergePatch(record, changes) : undefined;
  if (isFields(merged)) return merged;
  throw new InputError(
    'RECORD_UNREAD',
    'PUT sends the whole record, so it has to be read first. Use PATCH to send only the changes.',
  );
}

/** A PUT cannot send back what it was not shown. Throws InputError `FIELDS_HIDDEN` unless the changes set it. */
export function checkShown(hidden: readonly string[], changes: Fields): void {
  const lost = hidden.filter(name => !Object.hasOwn(changes, name));
  if (lost.length === 0) return;
  throw new InputError(
    'FIELDS_HIDDEN',
    `PUT would reset ${lost.join(', ')}, which this user may not see. Use PATCH.`,
  );
}
