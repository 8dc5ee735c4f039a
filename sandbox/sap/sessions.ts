import { randomBytes } from 'node:crypto';
import type { ApiRequest, Reply } from '../http/reply';

/** Sessions of a user with SAP Gateway. */
export interface SapControl {
  /** How often a CSRF token was fetched. */
  readonly tokenFetches: number;
  /** Sessions that are open. */
  readonly sessions: number;
  /** Ends every session, and with it every token. */
  expireSessions(): void;
}

interface Session {
  readonly token: string;
  readonly cookies: ReadonlyMap<string, string>;
}

const ID_COOKIE = 'SAP_SESSIONID_PRC_100';
const MOST_SESSIONS = 200;

/** A CSRF token is good only together with every cookie of the session that it was fetched in. */
export class SapSessions implements SapControl {
  tokenFetches = 0;
  private readonly byId = new Map<string, Session>();

  get sessions(): number {
    return this.byId.size;
  }

  expireSessions(): void {
    this.byId.clear();
  }

  allows(request: ApiRequest): boolean {
    const token = request.headers['x-csrf-token'];
    return token !== undefined && this.sessionOf(request)?.token === token;
  }

  /** The answer with a token, and with cookies when a session had to be opened for it. */
  withToken(request: ApiRequest, reply: Reply): Reply {
    this.tokenFetches += 1;
    const known = this.sessionOf(request);
    const session = known ?? this.open();
    const headers = { ...reply.headers, 'x-csrf-token': session.token };
    if (known !== undefined) return { ...reply, headers };
    const cookies = Array.from(
      session.cookies,
      ([name, value]) => `${name}=${value}; path=/; HttpOnly`,
    );
    return { ...reply, headers, cookies };
  }

  private open(): Session {
    const id = secret();
    const cookies = new Map([
      [ID_COOKIE, id],
      ['sap-usercontext', 'sap-client=100'],
      ['MYSAPSSO2', secret()],
    ]);
    const session = { token: secret(), cookies };
    this.byId.set(id, session);
    for (const oldest of this.byId.keys()) {
      if (this.byId.size <= MOST_SESSIONS) break;
      this.byId.delete(oldest);
    }
    return session;
  }

  /** The open session whose cookies the request carries, all of them. */
  private sessionOf({ headers }: ApiRequest): Session | undefined {
    const sent = cookiesIn(headers.cookie ?? '');
    const session = this.byId.get(sent.get(ID_COOKIE) ?? '');
    const isWhole = Array.from(session?.cookies ?? []).every(
      ([name, value]) => sent.get(name) === value,
    );
    return isWhole ? session : undefined;
  }
}

function cookiesIn(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(';').map((pair): [string, string] => {
    const [, name = '', value = ''] = /^\s*([^=]*)=(.*?)\s*$/.exec(pair) ?? [];
    return [name, value];
  });
  return new Map(pairs);
}

function secret(): string {
  return randomBytes(16).toString('base64url');
}
