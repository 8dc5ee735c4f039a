import { randomUUID } from 'node:crypto';
import { InputError } from '../../lib/errors';
import { isHeaderName } from '../../lib/transport/headers';
import type { UpdateContext } from '../../lib/update/context';
import type { RecordEndpointConfig } from './config';

/** Headers that mean something else, or that every request carries already. */
const TAKEN =
  /^(?:accept.*|authorization|cache-control|connection|content-.*|cookie|expect|host|if-.*|keep-alive|mscrm\..*|odata-.*|prefer|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|x-csrf-token|x-http-method.*)$/i;

/**
 * How writes name themselves, so that an API that documents it can tell a repeat from a new write; undefined: not
 * at all. Throws InputError `IDEMPOTENCY_HEADER_INVALID`.
 */
export function idempotency({
  idempotencyHeader,
  apiKeyHeader,
  auth,
}: RecordEndpointConfig): UpdateContext['idempotency'] {
  const header = idempotencyHeader.trim();
  if (header === '') return undefined;
  const isApiKey = auth === 'api-key' && header.toLowerCase() === apiKeyHeader.toLowerCase();
  if (isHeaderName(header) && !TAKEN.test(header) && !isApiKey) {
    return { header, newKey: randomUUID };
  }
  throw new InputError(
    'IDEMPOTENCY_HEADER_INVALID',
    `Idempotency header cannot be ${JSON.stringify(header)}. Give the name that the API documents, usually "Idempotency-Key", or leave it empty.`,
  );
}
