import type { IncomingHttpHeaders } from 'node:http';

/** What is sent back, and how the connection ends when that is not the normal way. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Set-Cookie headers, whole. */
  readonly cookies?: readonly string[];
  /** `reset`: RST instead of an answer; `lost`: closed instead of an answer; `truncated`: half a body. */
  readonly cut?: 'reset' | 'lost' | 'truncated';
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

export function jsonReply(status: number, body: unknown): Reply {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/** One request, read completely. */
export interface ApiRequest {
  readonly method: string;
  /** Before the question mark, still percent-encoded. */
  readonly path: string;
  /** After the question mark; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
