import type { Circumstances, Refused, TransitionGuard } from './guard';
import { requiredFields } from './machine';
import { isEmpty, valueOf } from './watched';
import { shown } from './wording';

/** What the changes name counts, even where they empty a field; what they do not name counts as the record holds it. */
export function missingFields(
  guard: TransitionGuard,
  { values, changes }: Circumstances,
): Refused | undefined {
  if (changes === undefined) return undefined;
  const missing = requiredFields(guard.machine, guard.to).filter(name =>
    isEmpty(valueOf(Object.hasOwn(changes, name) ? changes : values, name)),
  );
  if (missing.length === 0) return undefined;
  return {
    refusal: {
      reason: 'missing-fields',
      from: valueOf(values, guard.field),
      to: guard.to,
      missing,
    },
    code: 'FIELDS_MISSING',
    message: `${shown(guard.to)} needs ${missing.join(', ')}: empty in the changes and in the record. Add ${missing.length === 1 ? 'it' : 'them'} to the changes.`,
  };
}
