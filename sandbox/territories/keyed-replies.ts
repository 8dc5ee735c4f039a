import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { CxControl } from './cx';

interface Known {
  /** Method, address and body of the first request with the key. */
  readonly request: string;
  /** Undefined while it is being processed. */
  reply: Reply | undefined;
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
    return this.begin(request) ?? this.end(request, process());
  }

  /** The answer to a request that is not processed; undefined: process it, and tell `end` what came of it. */
  begin(request: ApiRequest): Reply | undefined {
    const key = request.headers['idempotency-key'];
    if (key === undefined) return undefined;
    if (typeof key !== 'string' || !SF_STRING.test(key)) return malformed();
    const known = this.known.get(key);
    if (known === undefined) {
      this.keep(key, { request: contentOf(request), reply: undefined, busy: this.cx.busyReplays });
      return undefined;
    }
    if (known.request !== contentOf(request)) return reused();
    return this.again(known);
  }

  /** Keeps the answer to a request that was processed, and returns it. */
  end(request: ApiRequest, reply: Reply): Reply {
    const known = this.known.get(String(request.headers['idempotency-key']));
    if (known !== undefined) known.reply = reply;
    return reply;
  }

  private again(known: Known): Reply {
    if (known.reply === undefined) return inProgress();
    if (known.busy > 0) {
      known.busy -= 1;
      return inProgress();
    }
    this.cx.replays += 1;
    return known.reply;
  }

  private keep(key: string, known: Known): void {
    this.known.set(key, known);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST_KEYS) break;
      this.known.delete(oldest);
    }
  }
}

function contentOf({ method, path, query, headers, body }: ApiRequest): string {
  return [method, path, query, headers['x-etags'] ?? '', body].join(' ');
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
