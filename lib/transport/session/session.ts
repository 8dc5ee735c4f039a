import { parseCookie, type Cookie } from 'undici';
import { CSRF_TOKEN, type Headers } from '../headers';
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

/** The least that RFC 6265 section 6.1 asks of a client: cookies, and bytes of one with its name. */
const MAX_COOKIES = 50;
const MAX_COOKIE = 4096;

/** Characters of all cookies together: the servers of Node.js refuse 16 KB of headers, and others have to fit in. */
const MAX_HEADER = 12_288;

/**
 * The cookies of one session, by name. Everything goes to one origin and base path over the same connection
 * settings, so of the attributes only the age matters, and of that only whether the server deletes the cookie.
 * It is bounded: those that came first, with the token, are the session and stay, of the later ones the oldest goes.
 */
export class CookieJar {
  readonly #values = new Map<string, string>();
  /** Names of the first answer; undefined before it. */
  #first: ReadonlySet<string> | undefined = undefined;

  /** Takes Set-Cookie fields in their order; `now` in milliseconds since the epoch. */
  store(setCookies: readonly string[], now: number): void {
    for (const field of setCookies) {
      const cookie = parseCookie(field);
      if (cookie === null || cookie.name === '') continue;
      if (isDeleted(cookie, now)) this.#values.delete(cookie.name);
      else this.#set(cookie);
    }
    this.#first ??= new Set(this.#values.keys());
  }

  #set({ name, value }: Cookie): void {
    if (name.length + value.length > MAX_COOKIE) return;
    this.#values.set(name, value);
    while (this.#isFull) this.#values.delete(this.#oldest() ?? name);
  }

  get #isFull(): boolean {
    return this.#values.size > MAX_COOKIES || (this.header?.length ?? 0) > MAX_HEADER;
  }

  /** Of those that do not belong to the session itself. */
  #oldest(): string | undefined {
    return [...this.#values.keys()].find(name => this.#first?.has(name) === false);
  }

  /** The value of the Cookie header, RFC 6265 section 4.2.1; undefined when there is no cookie. */
  get header(): string | undefined {
    if (this.#values.size === 0) return undefined;
    return Array.from(this.#values, ([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** Max-Age wins over Expires (RFC 6265 section 5.3). A date that is none deletes nothing. */
function isDeleted({ maxAge, expires }: Cookie, now: number): boolean {
  if (maxAge !== undefined) return maxAge <= 0;
  return expires !== undefined && Number(expires) <= now;
}
