import { InputError } from '../errors';

const SEGMENT = /^[A-Za-z0-9_.~-]+$/;

/** The address of an action bound to a record: its name follows the record. Throws InputError `ACTION_INVALID`. */
export function actionUrl(recordUrl: string, action: string): string {
  const segments = action.split('/');
  const isSafe = segments.every(
    segment => SEGMENT.test(segment) && segment !== '.' && segment !== '..',
  );
  if (isSafe) return `${recordUrl}/${action}`;
  throw new InputError(
    'ACTION_INVALID',
    'Action is not usable: give the name that follows the record in its address, for example "complete" or "Ns.UpdateOrderStatus", of letters, digits, "_", ".", "~", "-" and "/" only, without a leading or trailing "/" and without "..".',
  );
}
