import type { Answer, Fault } from '../outcome/answer';
import { isFields } from '../record/fields';
import type { AuthSettings } from './auth/settings';
import type { Headers } from './headers';

const MASK = '•••';

/** Everything that must not be seen of a request's credentials: each header value, its last word, and the password in it. */
export function secretsIn(used: Headers, auth: AuthSettings): readonly string[] {
  const sent = Object.values(used).flatMap(value => [
    value,
    value.slice(value.lastIndexOf(' ') + 1),
  ]);
  const inside = auth.kind === 'basic' ? [auth.password] : [];
  return [...sent, ...inside].filter(secret => secret !== '');
}

/**
 * An error answer without the credentials that it repeats: its words go into messages and logs.
 * What a successful answer holds is data of the record and stays.
 */
export function withoutSecrets(
  answer: Answer | Fault,
  secretsOf: () => readonly string[],
): Answer | Fault {
  if (answer.kind === 'fault' || answer.status < 400) return answer;
  const secrets = secretsOf();
  return { ...answer, text: masked(answer.text, secrets), json: maskedIn(answer.json, secrets) };
}

function maskedIn(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return masked(value, secrets);
  if (Array.isArray(value)) return value.map(item => maskedIn(item, secrets));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [masked(name, secrets), maskedIn(inner, secrets)]),
  );
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, MASK), text);
}
