/**
 * Whether If-Match holds for a record that exists. Weak comparison ignores `W/`, as OData 4.02
 * section 8.2.4 demands of services with weak ETags; strong comparison is RFC 9110 section 8.8.3.2.
 */
export function ifMatchHolds(
  header: string | undefined,
  etag: string,
  comparison: 'weak' | 'strong',
): boolean {
  if (header === undefined || header === '*' || header === etag) return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some(tag => (comparison === 'weak' ? opaque(tag) === opaque(etag) : tag === etag));
}

/** Whether If-None-Match names the current version, `*` included. Weak comparison always. */
export function ifNoneMatchNames(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === '*') return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some(tag => opaque(tag) === opaque(etag));
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
