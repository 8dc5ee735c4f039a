import { createHash } from 'node:crypto';
import type { WritePlan } from '../api/family';
import type { Sent } from '../outcome/classify';
import type { WireRequest } from '../transport/transport';
import type { Run } from './run';

/**
 * The write with its Idempotency-Key, where the endpoint names a header for it. A request that is byte for byte the
 * one before keeps the key; any other gets a new one, because a server answers a known key with what it answered
 * then (draft-ietf-httpapi-idempotency-key-header-07). The value is a structured-field String (RFC 9651), so its
 * quotes are part of it.
 */
export function withIdempotencyKey(run: Run, request: WireRequest): WireRequest {
  const { idempotency } = run.context;
  if (idempotency === undefined) return request;
  const requestHash = hashOf(request);
  const { open } = run;
  if (open.idempotency?.requestHash !== requestHash) {
    open.idempotency = { key: idempotency.newKey(), requestHash };
  }
  const key = `"${open.idempotency.key}"`;
  return { ...request, headers: { ...request.headers, [idempotency.header]: key } };
}

/** What the write carried, for the decision table. */
export function sentBy(run: Run, plan: WritePlan): Sent {
  const { family, idempotency } = run.context;
  const sent = family.sent(plan);
  return idempotency === undefined ? sent : { ...sent, idempotencyKey: true };
}

function hashOf({ method, url, headers, body }: WireRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, headers, body]))
    .digest('base64url');
}
