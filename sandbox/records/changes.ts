import { accepts, kept } from './field-types';
import type { Field, Fields, Schema } from './field-types';

/** How one API spells the fields of a write. */
export interface Spelling {
  readonly schema: Schema;
  /** Whether a member of the body is no field at all and passed over. Default: none is. */
  isPassedOver?(name: string): boolean;
  /** What was sent, as the schema spells it. Default: as it is. */
  read?(field: Field, sent: unknown): unknown;
}

/** The fields of a write as they are kept, without the read-only ones; `problem` says why they cannot be. */
export function readChanges(
  payload: Fields,
  spelling: Spelling,
): { readonly fields: Fields } | { readonly problem: string } {
  const fields: Record<string, unknown> = {};
  for (const [name, sent] of Object.entries(payload)) {
    if (spelling.isPassedOver?.(name) === true) continue;
    const field = Object.hasOwn(spelling.schema, name) ? spelling.schema[name] : undefined;
    if (field === undefined) return { problem: `Unknown field '${name}'.` };
    const value = spelling.read?.(field, sent) ?? sent;
    if (!accepts(field, value)) return { problem: `Field '${name}' takes ${kindOf(field)}.` };
    if (field.readOnly !== true) fields[name] = kept(field, value);
  }
  return { fields };
}

function kindOf(field: Field): string {
  if (field.type === 'option') return `one of ${field.options.join(', ')}`;
  return field.type === 'integer' ? 'an integer' : `a ${field.type}`;
}
