import { InputError } from '../errors';
import { targetBelow, type RequestTarget } from '../record/url';
import { checkHeaders } from './headers';
import type { WireRequest } from './transport';

/**
 * Where a request goes, checked before anything leaves. Throws InputError `HEADER_INVALID`, or `URL_OUTSIDE` for an
 * address that is not below `base`.
 */
export function targetOf({ url, headers }: WireRequest, base: URL): RequestTarget {
  checkHeaders(headers);
  const target = targetBelow(base, url);
  if (target !== undefined) return target;
  throw new InputError(
    'URL_OUTSIDE',
    'The address of the record is not below the base URL of the endpoint. Check record key and collection.',
  );
}
