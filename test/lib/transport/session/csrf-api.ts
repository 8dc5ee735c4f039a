import type { ServerResponse } from 'node:http';
import { json, type Seen } from '../support';

/** What the server of one session knows. */
interface ServerSession {
  readonly token: string;
  readonly cookies: Map<string, string>;
}

/**
 * An API with security sessions as SAP Gateway has them: a write needs the token and every cookie of one session,
 * and each request without a session opens another one.
 */
export class CsrfApi {
  /** Sessions opened so far, by a token fetch or by the way. */
  opened = 0;
  fetches = 0;
  /** Bodies of the writes that were applied. */
  readonly applied: string[] = [];
  /** Called instead of answering a token fetch, when set. */
  onFetch: ((seen: Seen, response: ServerResponse) => void) | undefined;
  #sessions: ServerSession[] = [];

  readonly handle = (seen: Seen, response: ServerResponse): void => {
    if (seen.headers['x-csrf-token'] === 'Fetch') this.#fetched(seen, response);
    else if (seen.method === 'GET') this.#read(seen, response);
    else this.#write(seen, response);
  };

  expire(): void {
    this.#sessions = [];
  }

  /** Answers a token fetch with a new session. */
  open(response: ServerResponse, status = 200): void {
    const { token, setCookies } = this.#open();
    json(response, status, {}, { 'x-csrf-token': token, 'set-cookie': setCookies });
  }

  #fetched(seen: Seen, response: ServerResponse): void {
    this.fetches++;
    if (this.onFetch) this.onFetch(seen, response);
    else this.open(response);
  }

  #read(seen: Seen, response: ServerResponse): void {
    const cookies = this.#sessionOf(seen) ? {} : { 'set-cookie': this.#open().setCookies };
    json(response, 200, {}, cookies);
  }

  #write(seen: Seen, response: ServerResponse): void {
    const session = this.#sessionOf(seen);
    if (session === undefined || seen.headers['x-csrf-token'] !== session.token) {
      json(response, 403, {}, { 'X-CSRF-Token': 'Required', 'set-cookie': 'trap=foreign' });
      return;
    }
    this.applied.push(seen.body);
    const context = `context-${this.applied.length}`;
    json(response, 200, {}, { 'set-cookie': `sap-contextid=${context}; path=/` });
  }

  #sessionOf({ headers }: Seen): ServerSession | undefined {
    const given = new Set((headers.cookie ?? '').split('; '));
    return this.#sessions.find(({ cookies }) =>
      [...cookies].every(([name, value]) => given.has(`${name}=${value}`)),
    );
  }

  #open(): { token: string; setCookies: string[] } {
    const id = ++this.opened;
    const token = `token-${id}==`;
    const cookies = new Map([
      ['SAP_SESSIONID_ABC_100', `session-${id}%3d`],
      ['sap-usercontext', 'sap-client=100'],
    ]);
    this.#sessions.push({ token, cookies });
    const setCookies = Array.from(
      cookies,
      ([name, value]) => `${name}=${value}; path=/sap; secure; HttpOnly`,
    );
    return { token, setCookies };
  }
}
