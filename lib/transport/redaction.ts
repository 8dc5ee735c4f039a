import type { Answer, Fault } from '../outcome/answer';
import { isFailure } from '../outcome/body-kind';
import { isFields } from '../record/fields';
import type { AuthSettings } from './auth/settings';
import type { Headers } from './headers';
import { Mask } from './mask';

/** A shorter cookie value is a plain word such as a language; redacted everywhere, it would garble messages. */
const MIN_COOKIE_SECRET = 6;

/**
 * Everything that must not be seen of a request's credentials and session: each header value, its last word, each
 * cookie, the password in it, and the key that went in the address.
 */
export function secretsIn(used: Headers, auth: AuthSettings): readonly string[] {
  const sent = Object.entries(used).flatMap(([name, value]) =>
    name === 'cookie' ? cookieSecrets(value) : [value, value.slice(value.lastIndexOf(' ') + 1)],
  );
  return [...sent, ...inside(auth)].filter(secret => secret !== '');
}

function inside(auth: AuthSettings): string[] {
  if (auth.kind === 'api-key-query') return [auth.key];
  return auth.kind === 'basic' ? [auth.password] : [];
}

function cookieSecrets(header: string): string[] {
  const pairs = header.split('; ');
  const values = pairs.map(pair => pair.slice(pair.indexOf('=') + 1).replace(/^"(.*)"$/, '$1'));
  return [...pairs, ...values.filter(value => value.length >= MIN_COOKIE_SECRET)];
}

/** Redacts what an API repeats of the credentials. Knows the mask of the latest ones, which seldom change. */
export class Redaction {
  readonly #inUrls: Mask | undefined;
  #secrets = '';
  #mask = new Mask([]);

  /** @param auth with a key in the address, answers of every kind may repeat that in a link */
  constructor(auth: AuthSettings = { kind: 'none' }) {
    if (auth.kind !== 'api-key-query') return;
    this.#inUrls = new Mask([auth.key], `${auth.parameter}=`);
  }

  /**
   * An error answer without the credentials that it repeats: its words go into messages and logs.
   * What a successful answer holds is data of the record and stays; only links lose a key that they repeat, and not
   * in the text, which a PUT sends back.
   */
  withoutSecrets(answer: Answer | Fault, secretsOf: () => readonly string[]): Answer | Fault {
    if (answer.kind === 'fault') return answer;
    const linked = this.#inUrls === undefined ? answer : withoutLinks(answer, this.#inUrls);
    if (isData(answer)) return linked;
    const mask = this.#maskOf(secretsOf());
    return { ...linked, text: mask.hide(answer.text), json: masked(answer.json, mask) };
  }

  #maskOf(secrets: readonly string[]): Mask {
    const all = secrets.join('\n');
    if (all !== this.#secrets) {
      this.#secrets = all;
      this.#mask = new Mask(secrets);
    }
    return this.#mask;
  }
}

/** An answer whose links, in headers and JSON, do not hold the key. */
function withoutLinks(answer: Answer, inUrls: Mask): Answer {
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, inUrls.hide(value)]);
  return {
    ...answer,
    headers: Object.fromEntries(headers) as Answer['headers'],
    json: masked(answer.json, { hide: text => inUrls.hide(text), hideNumber: value => value }),
  };
}

/** Some APIs report a failure with status 200. */
function isData({ status, json }: Answer): boolean {
  return status >= 200 && status < 300 && !isFailure(json);
}

/** A copy with every text, name and number masked. Does not recurse. */
function masked(json: unknown, mask: Pick<Mask, 'hide' | 'hideNumber'>): unknown {
  const whole = [json];
  const open: (readonly [from: object, to: object])[] = [[whole, whole]];
  // Grows while it is gone through.
  for (const [from, to] of open) {
    for (const [name, inner] of Object.entries(from)) {
      const copy = Array.isArray(inner) ? [] : isFields(inner) ? {} : undefined;
      if (copy !== undefined) open.push([inner as object, copy]);
      put(to, Array.isArray(to) ? name : mask.hide(name), copy ?? hidden(inner, mask));
    }
  }
  return whole[0];
}

function hidden(value: unknown, mask: Pick<Mask, 'hide' | 'hideNumber'>): unknown {
  if (typeof value === 'string') return mask.hide(value);
  return typeof value === 'number' ? mask.hideNumber(value) : value;
}

/** Assigning `__proto__` would set the prototype. */
function put(to: object, name: string, value: unknown): void {
  Object.defineProperty(to, name, { value, enumerable: true, writable: true, configurable: true });
}
