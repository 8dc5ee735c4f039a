import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import type { Authorizer } from './auth/authorizer';
import type { AuthSettings } from './auth/settings';
import { Call, type CallLimits, type CallParts, type Repeat } from './call';
import { EchoMask, secretsIn } from './echo';
import { toFault } from './fault';
import { flatHeaders, type Headers } from './headers';
import type { HttpClient } from './http-client';
import { csrfRequest, isTokenRefusal } from './session/csrf-fetch';
import type { Session } from './session/session';
import { SessionKeeper, type SendSessionRequest } from './session/session-keeper';
import type { CsrfSettings, TransportSettings } from './settings';
import { targetOf } from './target';
import type { TrafficControl } from './throttle/traffic-control';

/** One request of the endpoint. `receiver` only for the request that opens a session. */
export type Order = Pick<CallParts, 'repeat' | 'request' | 'options' | 'receiver'>;

type Sending = Order & Pick<CallParts, 'target'>;

export interface SenderParts {
  readonly settings: Pick<TransportSettings, 'csrf' | 'time'>;
  readonly base: URL;
  readonly auth: Authorizer;
  /** What `auth` was made from. */
  readonly credentials: AuthSettings;
  readonly http: HttpClient;
  readonly api: Dispatcher;
  readonly traffic: TrafficControl;
  readonly limits: CallLimits;
}

/** What one attempt went out with: credentials, and the session with its headers. */
interface Carried {
  readonly used: Headers;
  readonly session: Session | undefined;
  readonly own: Headers;
}

/** `carried` is absent when nothing could be sent. */
interface Attempt {
  readonly answer: Answer | Fault;
  readonly carried?: Carried;
}

type Reason = 'credentials' | 'session';

/** Compressing intermediaries alter ETags, which would then never match (docs/safety.md, "Comparing"). */
export const IDENTITY: Headers = { 'accept-encoding': 'identity' };

/** Sends requests to the API with the endpoint's credentials and session, and renews those when they are refused. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #sessions: SessionKeeper | undefined;
  readonly #echo = new EchoMask();

  constructor(parts: SenderParts) {
    const { settings, traffic } = parts;
    this.#parts = parts;
    const { csrf, time } = settings;
    if (csrf === undefined) return;
    const heldForMs = () => traffic.heldForMs();
    this.#sessions = new SessionKeeper({ send: this.#opener(csrf), heldForMs, time });
  }

  /**
   * An unchanged request goes again at most once for each reason: a 401 with credentials that can be renewed, and
   * a write whose CSRF token was refused. The API had applied nothing in either case. Rejects with InputError
   * `HEADER_INVALID` or `URL_OUTSIDE`.
   */
  async send(order: Order): Promise<Answer | Fault> {
    const sending = { ...order, target: targetOf(order.request, this.#parts.base) };
    const first = await this.#attempt(sending);
    const reason = this.#renew(first, sending);
    if (reason === undefined) return first.answer;
    const second = await this.#attempt(sending);
    const other = this.#renew(second, sending, reason);
    return other === undefined ? second.answer : (await this.#attempt(sending)).answer;
  }

  close(): void {
    this.#sessions?.close();
  }

  async #attempt(sending: Sending): Promise<Attempt> {
    let carried: Carried;
    try {
      // The session first: fetching one may renew the access token.
      const session = this.#sessions && (await this.#sessionFor(sending, this.#sessions));
      const used = await this.#parts.auth.headers(sending.options);
      carried = { used, session, own: sessionHeaders(session, sending.repeat) };
    } catch (error) {
      return { answer: toFault(error, false) };
    }
    const answer = await this.#exchange(sending, carried);
    const shown = this.#echo.withoutSecrets(answer, () => this.#secretsIn(carried));
    return { answer: shown, carried };
  }

  /** Reads belong to the session when there is one: without it, each of them would open another one. */
  async #sessionFor(
    { repeat, options, receiver }: Sending,
    sessions: SessionKeeper,
  ): Promise<Session | undefined> {
    if (receiver !== undefined) return undefined;
    const { current } = sessions;
    if (current !== undefined || repeat !== 'once') return current;
    await this.#parts.traffic.pass(options);
    return sessions.open(options);
  }

  #exchange(sending: Sending, { used, session, own }: Carried): Promise<Answer | Fault> {
    const { api: dispatcher, http, limits, traffic } = this.#parts;
    const { request, repeat, receiver = session } = sending;
    const headers = flatHeaders(IDENTITY, request.headers, used, own);
    const call = new Call({ ...sending, dispatcher, headers, limits, traffic, receiver });
    return repeat === 'once' ? http.once(call) : http.patiently(call);
  }

  #secretsIn({ used, own }: Carried): readonly string[] {
    return secretsIn({ ...used, ...own }, this.#parts.credentials);
  }

  /**
   * Drops what the answer shows to be outdated.
   * @param done the reason for which the request went again already
   * @returns why it may go once more
   */
  #renew({ answer, carried }: Attempt, { repeat }: Sending, done?: Reason): Reason | undefined {
    if (carried === undefined || answer.kind === 'fault') return undefined;
    const { used, session } = carried;
    if (answer.status === 401 && done !== 'credentials') {
      if (!this.#parts.auth.renew(used)) return undefined;
      // It belongs to the old credentials.
      this.#drop(session);
      return 'credentials';
    }
    if (repeat !== 'once' || session === undefined || done === 'session') return undefined;
    if (!isTokenRefusal(answer)) return undefined;
    this.#drop(session);
    return 'session';
  }

  #drop(session: Session | undefined): void {
    if (session !== undefined) this.#sessions?.drop(session);
  }

  #opener(csrf: CsrfSettings): SendSessionRequest {
    const request = csrfRequest(this.#parts.base, csrf);
    return (offer, options) => this.send({ repeat: 'read', request, options, receiver: offer });
  }
}

const NONE: Headers = {};

function sessionHeaders(session: Session | undefined, repeat: Repeat): Headers {
  if (session === undefined) return NONE;
  return repeat === 'once' ? session.writeHeaders() : session.readHeaders();
}
