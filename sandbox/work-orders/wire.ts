import { jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { Reply } from '../http/reply';
import { readChanges } from '../records/changes';
import type { Fields } from '../records/field-types';
import { WORK_ORDER_SCHEMA } from './schema';

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

const TITLES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An error of the manufacturing execution system that has no record behind it. */
export function statusReply(status: number): Reply {
  const error = TITLES[status] ?? 'Error';
  return jsonReply(status, { error, message: `The request ended with status ${String(status)}` });
}
