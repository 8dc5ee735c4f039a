import { CSRF_TOKEN, type Headers } from '../headers';
import { CookieJar } from './cookie-jar';
import type { SecretHeaders, SecretReceiver } from './secret-headers';

/**
 * One security session of the API: a CSRF token and the cookies it belongs to. Answers within the session may
 * renew the cookies.
 */
export class Session implements SecretReceiver {
  readonly #token: string;
  readonly #jar = new CookieJar();
  readonly #now: () => number;

  constructor(token: string, setCookies: readonly string[], now: () => number) {
    this.#token = token;
    this.#now = now;
    this.#jar.store(setCookies, now());
  }

  receive({ setCookies }: SecretHeaders): void {
    this.#jar.store(setCookies, this.#now());
  }

  /** What makes a read part of the session. */
  readHeaders(): Headers {
    const cookie = this.#jar.header;
    return cookie === undefined ? {} : { cookie };
  }

  /** What lets a write pass: the token, and every cookie of the same session. */
  writeHeaders(): Headers {
    return { [CSRF_TOKEN]: this.#token, ...this.readHeaders() };
  }
}
