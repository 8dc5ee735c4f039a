import { InputError } from '../../errors';
import type { Answer, Fault } from '../../outcome/answer';
import type { Time } from '../../retry/time';
import { deadlineFault } from '../fault';
import type { Headers } from '../headers';
import { SingleFlight } from '../single-flight';
import type { SendOptions, WireRequest } from '../transport';
import type { Authorizer } from './authorizer';
import type { OAuth2Settings } from './settings';
import { readToken, tokenRequest, type Token } from './token';

/** Sends the token request, repeating it within the endpoint's policy. */
export type SendTokenRequest = (
  request: WireRequest,
  options: SendOptions,
) => Promise<Answer | Fault>;

/** How long a token that still works is used after an early renewal failed. */
const NEXT_EARLY_TRY_MS = 30_000;

const LATE = deadlineFault('an access token came');

/**
 * OAuth2 client credentials: the token is cached, fetched once for all who wait, and renewed early in the
 * background. Throws InputError `AUTH_INVALID`, which names the field.
 */
export function createOAuth2Authorizer(
  settings: OAuth2Settings,
  send: SendTokenRequest,
  time: Time,
): Authorizer {
  checkSettings(settings);
  return new OAuth2Authorizer(settings, send, time);
}

class OAuth2Authorizer implements Authorizer {
  #token: Token | undefined;
  readonly #flight: SingleFlight<Token>;
  readonly #settings: OAuth2Settings;
  readonly #send: SendTokenRequest;
  readonly #time: Time;

  constructor(settings: OAuth2Settings, send: SendTokenRequest, time: Time) {
    this.#settings = settings;
    this.#send = send;
    this.#time = time;
    this.#flight = new SingleFlight(options => this.#fetch(options), LATE, time);
  }

  readonly query = '';

  headers(options: SendOptions): Headers | Promise<Headers> {
    const token = this.#usable();
    return token === undefined ? this.#fetched(options) : headersWith(token);
  }

  async #fetched(options: SendOptions): Promise<Headers> {
    return headersWith(await this.#flight.join(options));
  }

  /** Only the token that failed is dropped: a late 401 must not cost the fresh one. */
  renew(used: Headers): boolean {
    if (this.#token && used.authorization === bearer(this.#token)) this.#token = undefined;
    return true;
  }

  close(): void {
    this.#flight.close();
  }

  #usable(): Token | undefined {
    const now = this.#time.now();
    const token = this.#token;
    if (token === undefined || now >= token.expiresAt) return undefined;
    if (now >= token.refreshAt) this.#refreshEarly(token, now);
    return token;
  }

  #refreshEarly(token: Token, now: number): void {
    this.#token = { ...token, refreshAt: now + NEXT_EARLY_TRY_MS };
    this.#flight.start().catch(() => undefined); // The token at hand still works.
  }

  async #fetch(options: SendOptions): Promise<Token> {
    const answer = await this.#send(tokenRequest(this.#settings), options);
    this.#token = readToken(answer, this.#settings.clientSecret, this.#time.now());
    return this.#token;
  }
}

function headersWith(token: Token): Headers {
  return { authorization: bearer(token) };
}

function bearer({ value }: Token): string {
  return `Bearer ${value}`;
}

function checkSettings({ tokenUrl, clientId, clientSecret }: OAuth2Settings): void {
  if (!URL.canParse(tokenUrl) || !/^https?:$/.test(new URL(tokenUrl).protocol)) {
    throw new InputError(
      'AUTH_INVALID',
      'The token URL is not an http or https address. Write it like https://login.example.com/oauth2/token.',
    );
  }
  if (clientId === '' || clientSecret === '') {
    throw new InputError(
      'AUTH_INVALID',
      'The client id or the client secret is empty. Enter both.',
    );
  }
}
