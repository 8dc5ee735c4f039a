import type { Answer, Fault } from '../outcome/answer';
import { isFailure } from '../outcome/body-kind';
import { MASK } from '../outcome/mask';
import { isFields } from '../record/fields';
import type { AuthSettings } from './auth/settings';
import type { Headers } from './headers';

/** A shorter cookie value is a plain word such as a language; redacted everywhere, it would garble messages. */
const MIN_COOKIE_SECRET = 6;

/**
 * Everything that must not be seen of a request's credentials and session: each header value, its last word, each
 * cookie, and the password in it.
 */
export function secretsIn(used: Headers, auth: AuthSettings): readonly string[] {
  const sent = Object.entries(used).flatMap(([name, value]) =>
    name === 'cookie' ? cookieSecrets(value) : [value, value.slice(value.lastIndexOf(' ') + 1)],
  );
  const inside = auth.kind === 'basic' ? [auth.password] : [];
  return [...sent, ...inside].filter(secret => secret !== '');
}

function cookieSecrets(header: string): string[] {
  const pairs = header.split('; ');
  const values = pairs.map(pair => pair.slice(pair.indexOf('=') + 1).replace(/^"(.*)"$/, '$1'));
  return [...pairs, ...values.filter(value => value.length >= MIN_COOKIE_SECRET)];
}

/** Redacts what an API repeats of the credentials. Knows the spellings of the latest ones, which seldom change. */
export class Redaction {
  #secrets = '';
  #spellings: readonly string[] = [];

  /**
   * An error answer without the credentials that it repeats: its words go into messages and logs.
   * What a successful answer holds is data of the record and stays.
   */
  withoutSecrets(answer: Answer | Fault, secretsOf: () => readonly string[]): Answer | Fault {
    if (answer.kind === 'fault' || isData(answer)) return answer;
    const hidden = this.#spellingsOf(secretsOf());
    return {
      ...answer,
      text: redacted(answer.text, hidden),
      json: redactedIn(answer.json, hidden),
    };
  }

  #spellingsOf(secrets: readonly string[]): readonly string[] {
    const all = secrets.join('\n');
    if (all !== this.#secrets) {
      this.#secrets = all;
      this.#spellings = spellingsOf(secrets);
    }
    return this.#spellings;
  }
}

/** Some APIs report a failure with status 200. */
function isData({ status, json }: Answer): boolean {
  return status >= 200 && status < 300 && !isFailure(json);
}

function redactedIn(value: unknown, hidden: readonly string[]): unknown {
  if (typeof value === 'string') return redacted(value, hidden);
  if (Array.isArray(value)) return value.map(item => redactedIn(item, hidden));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      redacted(name, hidden),
      redactedIn(inner, hidden),
    ]),
  );
}

function redacted(text: string, hidden: readonly string[]): string {
  return hidden.reduce((left, spelling) => left.replaceAll(spelling, MASK), text);
}

/** Each secret as it is, and as JSON, a URL or a form writes it. One may begin with another: the longest first. */
function spellingsOf(secrets: readonly string[]): readonly string[] {
  const all = secrets.flatMap(secret => [secret, decoded(secret)]).flatMap(spellings);
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** A server may repeat a percent-encoded cookie as what it stands for. */
function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret;
  }
}

function spellings(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const strict = form.replaceAll('+', '%20');
  const usual = strict.replace(/%(?:21|27|28|29|7E)/g, decodeURIComponent);
  const inUrls = [form, strict, usual];
  const inLowerCase = inUrls.map(url => url.replace(/%../g, escape => escape.toLowerCase()));
  return [secret, JSON.stringify(secret).slice(1, -1), ...inUrls, ...inLowerCase];
}
