const PAIR = String.raw`(?:\w+=)?'(?:[^']|'')*'`;
const KEY = new RegExp(`^\\(${PAIR}(?:,${PAIR})*\\)$`, 's');

/** Percent-decoded; undefined when that is not possible. OData URL Conventions decode exactly once. */
export function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * The values of a key such as `(dataAreaId='USMF',SalesOrderNumber='1')` by name, a lone `('1')`
 * under the empty name. Takes the text still percent-encoded; undefined when it is no key of texts.
 */
export function keyValues(text: string): ReadonlyMap<string, string> | undefined {
  const decoded = decodedOnce(text);
  if (decoded === undefined || !KEY.test(decoded)) return undefined;
  const pairs = decoded.matchAll(/(?:(\w+)=)?'((?:[^']|'')*)'/g);
  return new Map(
    Array.from(pairs, ([, name = '', quoted = '']) => [name, quoted.replaceAll("''", "'")]),
  );
}
