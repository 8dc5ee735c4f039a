import { parseCookie, type Cookie } from 'undici';

/**
 * The cookies of one session, by name. Everything goes to one origin and base path over the same connection
 * settings, so of the attributes only the age matters, and of that only whether the server deletes the cookie.
 */
export class CookieJar {
  readonly #values = new Map<string, string>();

  /** Takes Set-Cookie fields in their order; `now` in milliseconds since the epoch. */
  store(setCookies: readonly string[], now: number): void {
    for (const field of setCookies) {
      const cookie = parseCookie(field);
      if (cookie === null || cookie.name === '') continue;
      if (isDeleted(cookie, now)) this.#values.delete(cookie.name);
      else this.#values.set(cookie.name, cookie.value);
    }
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
