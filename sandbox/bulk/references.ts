const REFERENCE = /^\$([^/?#]+)(.*)$/s;

/**
 * The URL of a part with a reference such as `$1` or `$1/items` put in its place: what the earlier part
 * with this id is about. Undefined when there is no such part; any other URL as it is.
 */
export function resolved(url: string, earlier: ReadonlyMap<string, string>): string | undefined {
  const [, id, rest = ''] = REFERENCE.exec(url) ?? [];
  if (id === undefined || id.toLowerCase() === 'batch') return url;
  const target = earlier.get(id);
  return target === undefined ? undefined : target.replace(/\?.*$/s, '') + rest;
}
