/** One part of a multipart body, or of one HTTP message. */
export interface MimePart {
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}

/** What stands between the parts of a body with this media type; undefined when there is nothing. */
export function boundaryIn(mediaType: string): string | undefined {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(mediaType) ?? [];
  return quoted ?? bare;
}

/**
 * The parts of a multipart body (RFC 2046 section 5.1), with a preamble and an epilogue passed over;
 * undefined when the body does not end with its closing boundary or a part is none.
 * Lines end with CR LF.
 */
export function mimeParts(body: string, boundary: string): MimePart[] | undefined {
  const line = `\r\n--${boundary}`;
  const sections = `\r\n${body}`.split(line);
  const parts: MimePart[] = [];
  for (const section of sections.slice(1)) {
    if (section.startsWith('--')) return parts;
    const [, content] = /^[ \t]*\r\n(.*)$/s.exec(section) ?? [];
    const part = content === undefined ? undefined : headed(content);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return undefined;
}

/** Headers, an empty line, and the rest; without the empty line all of it is headers. Undefined: not that. */
export function headed(text: string): MimePart | undefined {
  if (text.startsWith('\r\n')) return { headers: {}, content: text.slice(2) };
  const end = text.indexOf('\r\n\r\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\r\n').filter(line => line !== '');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    headers[name.toLowerCase()] = value;
  }
  return { headers, content: end < 0 ? '' : text.slice(end + 4) };
}
