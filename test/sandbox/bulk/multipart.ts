import type { Sandbox } from '../../../sandbox';
import { call } from '../client';
import type { Answered } from '../client';

const CRLF = '\r\n';

/** One operation of a batch. */
export interface Operation {
  readonly method: string;
  readonly url: string;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An operation, or a change set of several. */
export type Section = Operation | readonly Operation[];

/** The lines of one operation as a part of the type application/http. */
export function operation({ method, url, id, headers = {}, body }: Operation): string {
  const content = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(id === undefined ? [] : [`Content-ID: ${id}`]),
    '',
    `${method} ${url} HTTP/1.1`,
    ...Object.entries({ ...type, ...headers }).map(([name, value]) => `${name}: ${value}`),
    '',
    content,
  ].join(CRLF);
}

function joined(sections: readonly string[], boundary: string): string {
  const parts = sections.map(section => `--${boundary}${CRLF}${section}${CRLF}`);
  return `${parts.join('')}--${boundary}--${CRLF}`;
}

/** The body of a multipart batch with the boundary `b`. */
export function multipart(sections: readonly Section[]): string {
  const texts = sections.map((section, n) => {
    if ('method' in section) return operation(section);
    const boundary = `c${String(n)}`;
    const inner = joined(section.map(operation), boundary);
    return [`Content-Type: multipart/mixed; boundary=${boundary}`, '', inner].join(CRLF);
  });
  return joined(texts, 'b');
}

export const MULTIPART = { 'content-type': 'multipart/mixed; boundary=b' };

export function batch(
  sandbox: Sandbox,
  path: string,
  body: string | readonly Section[],
  headers: Record<string, string> = {},
): Promise<Answered> {
  const text = typeof body === 'string' ? body : multipart(body);
  return call(sandbox, 'POST', path, { ...MULTIPART, ...headers }, text);
}

/** One answer inside a multipart answer. */
export interface PartAnswer {
  readonly id: string | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The parts of an answer; a change set that succeeded is a list of its own. */
export function partsOf(answer: Answered): (PartAnswer | PartAnswer[])[] {
  return sectionsOf(answer.headers.get('content-type') ?? '', answer.text).map(
    ({ headers, rest }) => {
      const type = headers['content-type'] ?? '';
      if (!type.startsWith('multipart/')) return partAnswer(headers, rest);
      return sectionsOf(type, rest).map(section => partAnswer(section.headers, section.rest));
    },
  );
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly rest: string;
}

function sectionsOf(type: string, body: string): Message[] {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1] ?? '?';
  const [all = '', epilogue] = `${CRLF}${body}`.split(`${CRLF}--${boundary}--`);
  if (epilogue === undefined) throw new Error(`no closing boundary in ${body}`);
  const [, ...sections] = all.split(`${CRLF}--${boundary}${CRLF}`);
  return sections.map(message);
}

function message(text: string): Message {
  const end = text.startsWith(CRLF) ? -2 : text.indexOf(CRLF + CRLF);
  const lines = text.slice(0, Math.max(end, 0)).split(CRLF).filter(Boolean);
  const pairs = lines.map(line => /^([^:]+): (.*)$/.exec(line) ?? []);
  const headers = Object.fromEntries(
    pairs.map(([, name = '', value]) => [name.toLowerCase(), value]),
  );
  return { headers, rest: text.slice(end + 4) } as Message;
}

function partAnswer(headers: Message['headers'], text: string): PartAnswer {
  const end = text.indexOf(CRLF);
  const { headers: own, rest } = message(text.slice(end + 2));
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
  return { id: headers['content-id'], status, headers: own, body: rest };
}

/** The statuses, those of a change set in a list. */
export function statuses(answer: Answered): unknown[] {
  return partsOf(answer).map(part =>
    Array.isArray(part) ? part.map(({ status }) => status) : part.status,
  );
}
