import type { Answer } from '../../outcome/answer';
import { tagOf, versionText } from '../rest/version';
import type { ApiSettings } from '../settings';

/**
 * Headers with the version of a record in a list or a result as a read of it alone would have had it. What is no entity
 * tag goes in quotes, as If-Match wants it back.
 */
export function withVersion(
  headers: Answer['headers'],
  version: unknown,
  { versionFrom }: Pick<ApiSettings, 'versionFrom'>,
): Answer['headers'] {
  if (versionFrom === 'field') return headers;
  if (versionFrom === 'last-modified') {
    const time = versionText(version);
    return time === undefined ? headers : { ...headers, 'last-modified': time };
  }
  const etag = tagOf(version);
  return etag === undefined ? headers : { ...headers, etag };
}
