import { accepts, kept } from './field-types';
import type { Fields } from './field-types';
import { jsonObject } from './json-object';
import { jsonReply } from './reply';
import type { Reply } from './reply';
import { WORK_ORDER_SCHEMA } from './work-order-schema';

export interface WorkOrderChanges {
  readonly fields: Fields;
  /** `version` in the body is a precondition, like If-Match. */
  readonly version: unknown;
}

/** A write's body as stored fields, or the 400 that refuses it. */
export function parseWorkOrderChanges(body: string): WorkOrderChanges | { refusal: Reply } {
  const payload = jsonObject(body);
  if (payload === undefined) return refuse('The body is not a JSON object.');
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(payload)) {
    const known = Object.hasOwn(WORK_ORDER_SCHEMA, name);
    const field = known ? WORK_ORDER_SCHEMA[name] : undefined;
    if (field === undefined) return refuse(`Unknown field '${name}'.`);
    if (!accepts(field, value)) return refuse(`Field '${name}' takes a ${field.type}.`);
    if (field.readOnly !== true) fields[name] = kept(field, value);
  }
  return { fields, version: payload.version };
}

function refuse(message: string): { refusal: Reply } {
  return { refusal: jsonReply(400, { error: 'Bad Request', message }) };
}
