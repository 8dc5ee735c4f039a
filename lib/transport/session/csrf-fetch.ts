import type { Answer, Fault } from '../../outcome/answer';
import { FaultError, throttledFault } from '../fault';
import { ACCEPT_JSON, CSRF_TOKEN, isTokenWish } from '../headers';
import type { CsrfSettings } from '../settings';
import type { WireRequest } from '../transport';
import type { SecretHeaders, SecretReceiver } from './secret-headers';
import { Session } from './session';

/**
 * The requests that open a session, to be tried in turn. GET, since some hosts refuse HEAD; on the service root with
 * its trailing slash first, since without it SAP Gateway redirects and the cookies are lost. Some services know their
 * root only without it.
 */
export function csrfRequests(base: URL, { query }: CsrfSettings): readonly WireRequest[] {
  const path = base.pathname.replace(/\/+$/, '');
  const roots = path === '' ? ['/'] : [`${path}/`, path];
  return roots.map(root => tokenRequest(`${base.origin}${root}${query === '' ? '' : `?${query}`}`));
}

/**
 * The same at the address of the record that is to be written, for services that give no token at their root: any GET
 * of theirs brings one. None for an action, whose address is not for reading.
 */
export function csrfRequestAt({ method, url }: WireRequest): readonly WireRequest[] {
  return method === 'POST' ? [] : [tokenRequest(url)];
}

function tokenRequest(url: string): WireRequest {
  return { method: 'GET', url, headers: { ...ACCEPT_JSON, [CSRF_TOKEN]: 'Fetch' } };
}

/** Whether the same may be answered with a token under another address of the root: it was, with none. */
export function mayBeElsewhere(answer: Answer | Fault): boolean {
  return answer.kind === 'answer' && !MAY_PASS.test(String(answer.status)) && answer.status !== 401;
}

/** Takes the session that an answer opens, even one that is an error otherwise. */
export class SessionOffer implements SecretReceiver {
  readonly #now: () => number;
  #session: Session | undefined = undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  receive({ csrfToken, setCookies }: SecretHeaders): void {
    if (csrfToken !== undefined) this.#session = new Session(csrfToken, setCookies, this.#now);
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get isServed(): boolean {
    return this.#session !== undefined;
  }
}

/**
 * Why there is no session: `CSRF_REFUSED` when asking again is pointless, else `CSRF_UNAVAILABLE`. Being throttled,
 * and having no access token to ask with, keep their own codes. Nothing of a write was sent.
 */
export function noSession(answer: Answer | Fault, heldForMs: number): FaultError {
  if (answer.kind === 'fault') {
    if (OWN_CODE.test(answer.code)) return new FaultError({ ...answer, sent: 'no' });
    return unavailable(answer.message, answer.fatal);
  }
  if ((answer.status === 429 || answer.status === 403) && heldForMs > 0)
    return new FaultError(throttledFault(heldForMs));
  if (MAY_PASS.test(String(answer.status))) {
    return unavailable(`It was answered with status ${String(answer.status)}.`, false);
  }
  return refused(answer.status);
}

const OWN_CODE = /^(?:THROTTLED|TOKEN_REFUSED|TOKEN_UNAVAILABLE)$/;
const MAY_PASS = /^(?:408|42[159]|5\d\d)$/;

/** A write that was refused for its CSRF token: not applied, and worth sending once more with a new one. */
export function isTokenRefusal(answer: Answer | Fault): boolean {
  if (answer.kind === 'fault' || answer.status !== 403) return false;
  return isTokenWish(answer.headers[CSRF_TOKEN]) || /\bcsrf\b/i.test(answer.text);
}

/**
 * A request that was refused for the size of its headers, before anything was processed: with a new session it may
 * fit. RFC 6585 section 5; nginx and IIS say it with a 400.
 */
export function isSessionTooLarge(answer: Answer | Fault): boolean {
  if (answer.kind === 'fault') return false;
  return answer.status === 431 || (answer.status === 400 && TOO_LARGE.test(answer.text));
}

const TOO_LARGE = /request header or cookie too large|size of the request headers is too long/i;

function refused(status: number): FaultError {
  return new FaultError({
    kind: 'fault',
    sent: 'no',
    code: 'CSRF_REFUSED',
    message: `The API gave no CSRF token: a GET of the base URL was answered with status ${String(status)}, and neither its other spelling, without the slash at its end, nor the record brought one. Check that the base URL is the root of the service, and that the credentials may open it.`,
    fatal: true,
  });
}

function unavailable(reason: string, fatal: boolean): FaultError {
  const message = `No CSRF token could be fetched from the base URL. ${reason}`;
  return new FaultError({ kind: 'fault', sent: 'no', code: 'CSRF_UNAVAILABLE', message, fatal });
}
