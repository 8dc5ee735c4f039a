/** One part of a multipart body. */
export interface Part {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Multipart {
  /** Those that are complete: a delimiter follows. */
  readonly parts: readonly Part[];
  /** Whether the closing delimiter came. Without it the rest of the parts is missing. */
  readonly isClosed: boolean;
}

const BOUNDARY = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s";,]{1,200}))/i;

/** Some servers send the header twice, once for what they would have answered without a batch (Azurite). */
const MULTIPART = /(?<=^\s*(?:[\w.+/-]+,\s*)?)multipart\/.*$/is;

/** The boundary that a Content-Type names; undefined when it is not multipart. */
export function boundaryOf(contentType = ''): string | undefined {
  const type = MULTIPART.exec(contentType)?.[0] ?? '';
  const [, quoted, bare] = BOUNDARY.exec(type) ?? [];
  return quoted ?? bare;
}

/**
 * The parts of a multipart body (RFC 2046 section 5.1), which the transport has decoded already. Takes bare line feeds
 * for line ends, blanks after a delimiter, a preamble, an epilogue, and parts without headers.
 */
export function parseMultipart(text: string, boundary: string): Multipart {
  const parts: Part[] = [];
  let start: number | undefined;
  for (const delimiter of text.matchAll(delimiterOf(boundary))) {
    if (start !== undefined) parts.push(partIn(text.slice(start, delimiter.index)));
    if (delimiter[1] !== undefined) return { parts, isClosed: true };
    start = delimiter.index + delimiter[0].length;
  }
  return { parts, isClosed: false };
}

/** The line break before a delimiter belongs to it, the one after it begins the part: an empty part needs it again. */
function delimiterOf(boundary: string): RegExp {
  const name = boundary.replace(/[^\w]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?:^|\r?\n)--${name}(?:(--)[ \t]*(?=\r?\n|$)|[ \t]*(?=\r?\n))`, 'g');
}

/** @param text from the line break behind the delimiter */
function partIn(text: string): Part {
  const content = text.replace(/^\r?\n/, '');
  // Some servers leave out the empty line with the headers.
  if (content.startsWith('HTTP/')) return { headers: {}, body: content };
  const head = readHead(content);
  return head === undefined
    ? { headers: {}, body: content }
    : { headers: head.headers, body: head.rest };
}

export interface Head {
  /** As the transport reads them: names in lower case, repeated ones joined, secrets left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** What follows the empty line. */
  readonly rest: string;
}

/** Secrets of a session, and a name that could reach a prototype. */
const LEFT_OUT = ['set-cookie', 'x-csrf-token', '__proto__'];

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*(.*)$/s;

/** The headers that a text begins with, up to an empty line; undefined when something else stands there. */
export function readHead(text: string): Head | undefined {
  const headers: Record<string, string> = {};
  let at = 0;
  let name = '';
  while (at < text.length) {
    const end = endOfLine(text, at);
    const line = text.slice(at, end).replace(/\r$/, '');
    at = end + 1;
    if (line === '') break;
    const isFolded = /^[ \t]/.test(line) && name !== '';
    const [, given, value = ''] = isFolded ? [line, name, line.trim()] : (HEADER.exec(line) ?? []);
    if (given === undefined) return undefined;
    name = given.toLowerCase();
    if (!isLeftOut(name, value)) add(headers, name, value.trimEnd(), isFolded ? ' ' : ', ');
  }
  return { headers, rest: text.slice(at) };
}

/** Secrets, as the transport leaves them out. The wish for a token is none. */
export function isLeftOut(name: string, value: string): boolean {
  return LEFT_OUT.includes(name) && !(name === 'x-csrf-token' && /^\s*required\s*$/i.test(value));
}

function add(headers: Record<string, string>, name: string, value: string, joint: string): void {
  const earlier = headers[name];
  headers[name] = earlier === undefined ? value : `${earlier}${joint}${value}`;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
