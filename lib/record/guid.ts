const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** The GUID in lower case without braces; undefined when the text is none. */
export function parseGuid(text: string): string | undefined {
  const digits = GUID.exec(text)?.[1]?.toLowerCase();
  const hasBalancedBraces = text.startsWith('{') === text.endsWith('}');
  return hasBalancedBraces ? digits : undefined;
}
