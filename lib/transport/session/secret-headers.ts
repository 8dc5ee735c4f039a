import { CSRF_TOKEN, isHeaderValue, isTokenWish } from '../headers';

/** The headers of an answer that never get into an `Answer`. */
export interface SecretHeaders {
  /** One Set-Cookie field each. */
  readonly setCookies: readonly string[];
  readonly csrfToken?: string;
}

/** Takes the secret headers of the answers to one request. */
export interface SecretReceiver {
  receive(headers: SecretHeaders): void;
  /** What was asked for has come, so that the request need not be repeated, whatever the status of the answer. */
  readonly isServed?: boolean;
}

/** Undefined when there are none, as in most answers. */
export function readSecretHeaders(raw: readonly Buffer[]): SecretHeaders | undefined {
  const setCookies = valuesOf('set-cookie', raw);
  const csrfToken = valuesOf(CSRF_TOKEN, raw).find(isToken);
  if (csrfToken !== undefined) return { setCookies, csrfToken };
  return setCookies.length > 0 ? { setCookies } : undefined;
}

function valuesOf(wanted: string, raw: readonly Buffer[]): string[] {
  const values: string[] = [];
  for (let i = 1; i < raw.length; i += 2) {
    const isWanted = raw[i - 1]?.toString('latin1').toLowerCase() === wanted;
    if (isWanted) values.push(raw[i]?.toString('latin1') ?? '');
  }
  return values;
}

function isToken(value: string): boolean {
  return value !== '' && isHeaderValue(value) && !isTokenWish(value);
}
