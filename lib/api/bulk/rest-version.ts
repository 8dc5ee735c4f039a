import type { Answer } from '../../outcome/answer';
import { tagOf, versionText } from '../rest/version-text';
import type { ApiSettings } from '../settings';

/**
 * Makes the headers of one record in a list, or of one result, as a read of it alone would have had them: those of the
 * list with the version of the record. What is no entity tag goes in quotes, as If-Match wants it back.
 */
export function versionedHeaders(
  headers: Answer['headers'],
  { versionFrom }: Pick<ApiSettings, 'versionFrom'>,
): (version: unknown) => Answer['headers'] {
  switch (versionFrom) {
    case 'field':
      return () => headers;
    case 'last-modified':
      return withHeader(headers, 'last-modified', versionText);
    case 'etag':
      return withHeader(headers, 'etag', tagOf);
  }
}

function withHeader(
  headers: Answer['headers'],
  name: string,
  textOf: (version: unknown) => string | undefined,
): (version: unknown) => Answer['headers'] {
  // The name has its place already: V8 takes microseconds to copy an object with one member more.
  const placed = { ...headers, [name]: '' };
  return version => {
    const text = textOf(version);
    if (text === undefined) return headers;
    const own = { ...placed };
    own[name] = text;
    return own;
  };
}
