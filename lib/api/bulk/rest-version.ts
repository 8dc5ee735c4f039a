import { usable } from '../../record/version';
import { versionTag, versionText } from '../rest/version';
import type { ApiSettings } from '../settings';

/**
 * The version of a record in a list or a result as the header that a read of it alone would have had. What is no entity
 * tag goes in quotes, as If-Match wants it back.
 */
export function versionHeaders(
  version: unknown,
  { versionFrom }: Pick<ApiSettings, 'versionFrom'>,
): Readonly<Record<string, string>> {
  const text = versionText(version);
  if (text === undefined || versionFrom === 'field') return {};
  if (versionFrom === 'last-modified') return { 'last-modified': text };
  const tag = usable(() => versionTag(text), text);
  return tag === undefined ? {} : { etag: tag };
}
