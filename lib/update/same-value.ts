import { numeralOf } from '../record/exact';
import { isFields } from '../record/fields';
import type { Target } from '../record/reconcile';
import type { Known, Task } from './known';
import { isBaseBrought } from './request';

/** Whether the same value from somebody else's hand means that one of the two changes is lost, as of a count. */
export function isLostBySame(
  { request, transition, typeOf }: Task,
  { toSend }: Known,
  { name }: Target,
): boolean {
  const { sameValue } = request;
  if (sameValue !== 'automatic') return sameValue === 'conflict';
  const type = typeOf(name)?.type;
  if (!isBaseBrought(request) || type === 'code' || name === transition?.field) return false;
  return (
    !CODES.includes(name) && (type === 'decimal' || type === 'integer' || holdsNumber(toSend[name]))
  );
}

/** Columns of Dataverse that hold the number of a choice. */
const CODES: readonly string[] = ['statecode', 'statuscode'];

/** As it is sent: what JavaScript cannot hold is shown as text. */
function holdsNumber(value: unknown): boolean {
  if (numeralOf(value) !== undefined) return true;
  return isFields(value) && Object.values(value).some(holdsNumber);
}
