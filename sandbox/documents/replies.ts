import { jsonReply } from '../reply';
import type { Reply } from '../reply';
import type { Row } from '../store';

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['bad_request', 'The document id cannot be decoded.'],
  401: ['unauthorized', 'You are not authorized to access this db.'],
  405: ['method_not_allowed', 'Only DELETE,GET,HEAD,PUT,COPY allowed'],
  415: ['bad_content_type', 'Content-Type must be application/json'],
  429: ['too_many_requests', 'Too many requests.'],
  500: ['internal_server_error', 'An error occurred.'],
  503: ['service_unavailable', 'The server is busy.'],
};

/** An error that has no document behind it. */
export function statusReply(status: number): Reply {
  const [error, reason] = ERRORS[status] ?? ['error', `Status ${String(status)}.`];
  return refusal(status, error, reason);
}

export function refusal(status: number, error: string, reason: string): Reply {
  return jsonReply(status, { error, reason });
}

export function conflictReply(): Reply {
  return refusal(409, 'conflict', 'Document update conflict.');
}

export function writtenReply(row: Row): Reply {
  const reply = jsonReply(201, { ok: true, id: row.id, rev: row.etag });
  return { ...reply, headers: { ...reply.headers, etag: `"${row.etag}"` } };
}
