import type { Answer, Fault } from '../../outcome/answer';
import type { Time } from '../../retry/time';
import { deadlineFault } from '../fault';
import { SingleFlight } from '../single-flight';
import type { SendOptions, WireRequest } from '../transport';
import { createClientProof, type ClientProof } from './client-proof';
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
 * The access tokens of one credential: the latest is kept, fetched once for all who wait, and renewed early in the
 * background.
 */
export class TokenSource {
  #token: Token | undefined;
  readonly #flight: SingleFlight<Token>;
  readonly #settings: OAuth2Settings;
  readonly #proof: ClientProof;
  readonly #send: SendTokenRequest;
  readonly #time: Time;

  /** Throws InputError `AUTH_INVALID`, which names the field. */
  constructor(settings: OAuth2Settings, send: SendTokenRequest, time: Time) {
    this.#settings = settings;
    this.#proof = createClientProof(settings);
    this.#send = send;
    this.#time = time;
    this.#flight = new SingleFlight(options => this.#fetch(options), LATE, time);
  }

  /** The token at hand; undefined where one has to be fetched. */
  usable(): Token | undefined {
    const now = this.#time.now();
    const token = this.#token;
    if (token === undefined || now >= token.expiresAt) return undefined;
    if (now >= token.refreshAt) this.#refreshEarly(token, now);
    return token;
  }

  /** Rejects with FaultError `TOKEN_REFUSED`, `TOKEN_UNAVAILABLE`, `ABORTED` or `DEADLINE`. */
  fetched(options: SendOptions): Promise<Token> {
    return this.#flight.join(options);
  }

  /** Only the token that failed is dropped: a late 401 must not cost the fresh one. */
  drop(value: string): void {
    if (this.#token?.value === value) this.#token = undefined;
  }

  close(): void {
    this.#flight.close();
  }

  #refreshEarly(token: Token, now: number): void {
    this.#token = { ...token, refreshAt: now + NEXT_EARLY_TRY_MS };
    this.#flight.start().catch(() => undefined); // The token at hand still works.
  }

  async #fetch(options: SendOptions): Promise<Token> {
    const now = (): number => this.#time.now();
    const answer = await this.#send(tokenRequest(this.#settings, this.#proof, now), options);
    const isSigned = !('secret' in this.#settings.client);
    this.#token = readToken(answer, { secrets: this.#proof.secrets, isSigned }, now());
    return this.#token;
  }
}
