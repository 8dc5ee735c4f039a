import { readChanges } from './changes';
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
  const changes = readChanges(payload, { schema: WORK_ORDER_SCHEMA });
  if ('problem' in changes) return refuse(changes.problem);
  return { fields: changes.fields, version: payload.version };
}

function refuse(message: string): { refusal: Reply } {
  return { refusal: jsonReply(400, { error: 'Bad Request', message }) };
}
