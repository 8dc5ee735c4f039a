import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { CxControl } from './cx';

interface Known {
  /** Method, path and body of the first request with the key. */
  readonly request: string;
  readonly reply: Reply;
  /** Repetitions that are still to be told that the first is in progress. */
  busy: number;
}

/** A string of RFC 8941, quotes included. */
const SF_STRING = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+"$/;
const MOST_KEYS = 1000;

/**
 * The Idempotency-Key header of draft-ietf-httpapi-idempotency-key-header: a repeated request gets
 * the stored answer, success or error, and is not processed again.
 */
export class KeyedReplies {
  private readonly known = new Map<string, Known>();

  constructor(private readonly cx: { busyReplays: CxControl['busyReplays']; replays: number }) {}

  answer(request: ApiRequest, process: () => Reply): Reply {
    const key = request.headers['idempotency-key'];
    if (key === undefined) return process();
    if (typeof key !== 'string' || !SF_STRING.test(key)) return malformed();
    const content = `${request.method} ${request.path} ${request.body}`;
    const known = this.known.get(key);
    if (known === undefined) return this.first(key, content, process());
    if (known.request !== content) return reused();
    if (known.busy > 0) {
      known.busy -= 1;
      return inProgress();
    }
    this.cx.replays += 1;
    return known.reply;
  }

  private first(key: string, request: string, reply: Reply): Reply {
    this.known.set(key, { request, reply, busy: this.cx.busyReplays });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST_KEYS) break;
      this.known.delete(oldest);
    }
    return reply;
  }
}

function malformed(): Reply {
  return problem(400, 'Idempotency-Key is no string', 'Send the key in double quotes.');
}

function inProgress(): Reply {
  return problem(
    409,
    'A request is outstanding for this Idempotency-Key',
    'A request with the same Idempotency-Key for the same operation is being processed.',
  );
}

function reused(): Reply {
  return problem(
    422,
    'Idempotency-Key is already used',
    'Idempotency-Key must not be reused across different payloads of this operation.',
  );
}

function problem(status: number, title: string, detail: string): Reply {
  const reply = jsonReply(status, { type: 'about:blank', title, status, detail });
  return { ...reply, headers: { 'content-type': 'application/problem+json' } };
}
