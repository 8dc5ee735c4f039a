import type { Answer, Fault } from '../../outcome/answer';
import { isFields } from '../../record/fields';
import { FaultError } from '../fault';
import { ACCEPT_JSON, isHeaderValue } from '../headers';
import type { WireRequest } from '../transport';
import type { OAuth2Settings } from './settings';

/** One access token. Times are wall clock, milliseconds since the epoch. */
export interface Token {
  readonly value: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** Renewed this long before it expires, or a tenth of its life when that is shorter. */
const EARLY_MS = 5 * 60_000;

/** For answers without `expires_in` (RFC 6749 section 5.1 only recommends it). */
const DEFAULT_LIFETIME_S = 300;

export function tokenRequest(settings: OAuth2Settings): WireRequest {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: settings.clientId,
    client_secret: settings.clientSecret,
  });
  if (settings.scope) form.set('scope', settings.scope);
  const headers = {
    ...ACCEPT_JSON,
    'content-type': 'application/x-www-form-urlencoded',
  };
  return { method: 'POST', url: settings.tokenUrl, headers, body: form.toString() };
}

/** The token in an answer of the token endpoint. Throws FaultError `TOKEN_REFUSED` or `TOKEN_UNAVAILABLE`. */
export function readToken(answer: Answer | Fault, secret: string, now: number): Token {
  if (answer.kind === 'fault') throw unavailable(answer.message, answer.fatal);
  const { status, json } = answer;
  // RFC 6749 says 200, and 201 is in use.
  const isGiven = status >= 200 && status <= 299;
  if (MAY_PASS.test(String(status))) throw unavailable(`It answered ${String(status)}.`, false);
  const body = isFields(json) ? json : {};
  const value = body.access_token;
  if (!isGiven || typeof value !== 'string' || value === '' || !isHeaderValue(value)) {
    throw refused(status, errorCode(body.error, secret));
  }
  const lifetimeMs = lifetimeSeconds(body.expires_in) * 1000;
  const expiresAt = now + lifetimeMs;
  return { value, expiresAt, refreshAt: expiresAt - Math.min(EARLY_MS, lifetimeMs / 10) };
}

const MAY_PASS = /^(?:408|42[159]|5\d\d)$/;

/** Some servers write the number as text. */
function lifetimeSeconds(expiresIn: unknown): number {
  const seconds = Number(expiresIn ?? DEFAULT_LIFETIME_S);
  return seconds > 0 ? seconds : DEFAULT_LIFETIME_S;
}

/** A short code such as `invalid_client`; nothing longer, and nothing that echoes the secret. */
function errorCode(error: unknown, secret: string): string {
  const isCode = typeof error === 'string' && /^[\w.:-]{1,40}$/.test(error);
  return isCode && !error.includes(secret) ? ` and error ${error}` : '';
}

function refused(status: number, detail: string): FaultError {
  return new FaultError({
    kind: 'fault',
    sent: 'no',
    code: 'TOKEN_REFUSED',
    message: `The token endpoint gave no access token: it answered with status ${String(status)}${detail}. Check token URL, client id, secret and scope.`,
    fatal: true,
  });
}

function unavailable(reason: string, fatal: boolean): FaultError {
  const message = `The token endpoint could not be used. ${reason}`;
  return new FaultError({ kind: 'fault', sent: 'no', code: 'TOKEN_UNAVAILABLE', message, fatal });
}
