import type { Answer, Fault } from '../../outcome/answer';
import { isFields } from '../../record/fields';
import { FaultError } from '../fault';
import { ACCEPT_JSON, isHeaderValue } from '../headers';
import { Mask } from '../mask';
import type { WireRequest } from '../transport';
import type { ClientProof } from './client-proof';
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

/** Its body is made anew each time it is asked for: a repeat needs an assertion that was not seen before. */
export function tokenRequest(
  { tokenUrl, scope, form = [] }: OAuth2Settings,
  proof: ClientProof,
  now: () => number,
): WireRequest {
  const own = scope ? [...form, ['scope', scope] as const] : form;
  const headers = {
    ...ACCEPT_JSON,
    'content-type': 'application/x-www-form-urlencoded',
    ...proof.headers,
  };
  return {
    method: 'POST',
    url: tokenUrl,
    headers,
    get body(): string {
      const fields = [['grant_type', proof.grant] as const, ...proof.form(now()), ...own];
      return new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();
    },
  };
}

/** The token in an answer of the token endpoint. Throws FaultError `TOKEN_REFUSED` or `TOKEN_UNAVAILABLE`. */
export function readToken(
  answer: Answer | Fault,
  { secrets, isSigned }: { readonly secrets: readonly string[]; readonly isSigned: boolean },
  now: number,
): Token {
  if (answer.kind === 'fault') throw unavailable(answer.message, answer.fatal);
  const { status, json } = answer;
  // RFC 6749 says 200, and 201 is in use.
  const isGiven = status >= 200 && status <= 299;
  if (MAY_PASS.test(String(status))) throw unavailable(`It answered ${String(status)}.`, false);
  const body = isFields(json) ? json : {};
  const value = body.access_token;
  if (!isGiven || typeof value !== 'string' || value === '' || !isHeaderValue(value)) {
    const advice = isSigned ? `${SIGNED_ADVICE}${clockAdvice(answer, now)}` : SECRET_ADVICE;
    throw refused(status, errorCode(body.error, secrets), advice);
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
function errorCode(error: unknown, secrets: readonly string[]): string {
  const isCode = typeof error === 'string' && /^[\w.:-]{1,40}$/.test(error);
  return isCode && new Mask(secrets).hide(error) === error ? ` and error ${error}` : '';
}

const SECRET_ADVICE =
  'Check token URL, client id, secret, scope and how the client signs in: some servers take the secret in the Basic header only, some in the form only.';
const SIGNED_ADVICE =
  'Check token URL, client id, scope, audience and algorithm, and that the server knows this key or its certificate.';

/** From here on, a server may take an assertion for expired, or for one of the future. */
const MOST_APART_S = 60;

/** A wrong clock makes the best signature worthless, and no server says so. */
function clockAdvice({ headers }: Answer, now: number): string {
  const apartS = Math.round((Date.parse(headers.date ?? '') - now) / 1000);
  if (!(Math.abs(apartS) > MOST_APART_S)) return '';
  const side = apartS > 0 ? 'behind' : 'ahead of';
  return ` The clock of this machine is ${String(Math.abs(apartS))} s ${side} that of the token endpoint: set it.`;
}

function refused(status: number, detail: string, advice: string): FaultError {
  return new FaultError({
    kind: 'fault',
    sent: 'no',
    code: 'TOKEN_REFUSED',
    message: `The token endpoint gave no access token: it answered with status ${String(status)}${detail}. ${advice}`,
    fatal: true,
  });
}

function unavailable(reason: string, fatal: boolean): FaultError {
  const message = `The token endpoint could not be used. ${reason}`;
  return new FaultError({ kind: 'fault', sent: 'no', code: 'TOKEN_UNAVAILABLE', message, fatal });
}
