import type { Dispatcher } from 'undici';
import { InputError } from '../errors';
import type { Answer, Fault } from '../outcome/answer';
import { targetBelow, type RequestTarget } from '../record/url';
import type { Authorizer } from './auth/authorizer';
import type { AuthSettings } from './auth/settings';
import { Call, type CallLimits, type CallParts, type Repeat } from './call';
import { Redaction, secretsIn } from './redaction';
import { toFault } from './fault';
import { checkHeaders, requestHeaders, withOwnHeaders, type Headers } from './headers';
import type { Repeater } from './repeat';
import { csrfRequests, isSessionTooLarge, isTokenRefusal } from './session/csrf-fetch';
import type { Session } from './session/session';
import { SessionKeeper, type SendSessionRequest } from './session/session-keeper';
import type { TransportSettings } from './settings';
import type { TrafficControl } from './throttle/traffic-control';
import type { WireRequest } from './transport';

/** One request of the endpoint. `receiver` only for the request that opens a session. */
export type Order = Pick<CallParts, 'repeat' | 'request' | 'options' | 'receiver'>;

type Sending = Order & Pick<CallParts, 'target'>;

export interface SenderParts {
  readonly settings: Pick<TransportSettings, 'csrf' | 'headers' | 'time'>;
  readonly base: URL;
  readonly auth: Authorizer;
  /** What `auth` was made from. */
  readonly credentials: AuthSettings;
  readonly repeater: Repeater;
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

type Reason = 'credentials' | 'session';

/** Sends requests to the API with the endpoint's credentials and session, and renews those when they are refused. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #sessions: SessionKeeper | undefined;
  readonly #redaction: Redaction;

  constructor(parts: SenderParts) {
    const { settings, traffic } = parts;
    this.#parts = parts;
    this.#redaction = new Redaction(parts.credentials);
    const { csrf, time } = settings;
    if (csrf === undefined) return;
    const heldForMs = () => traffic.heldForMs();
    const requests = csrfRequests(parts.base, csrf);
    this.#sessions = new SessionKeeper({ requests, send: this.#openSession, heldForMs, time });
  }

  /**
   * An unchanged request goes again at most once for each reason: a 401 with credentials that can be renewed, and
   * a write whose CSRF token was refused, or headers that became too large by the cookies of the session. The API had
   * applied nothing in any of these cases. Rejects with InputError
   * `HEADER_INVALID` or `URL_OUTSIDE`.
   */
  async send(order: Order): Promise<Answer | Fault> {
    const { repeat, request, options, receiver } = order;
    const target = targetOf(request, this.#parts.base);
    const sending: Sending = { repeat, request, options, receiver, target };
    const done: Reason[] = [];
    for (;;) {
      // Seldom a promise, and waiting for what is there already costs.
      const carrying = this.#carry(sending);
      const carried = carrying instanceof Promise ? await carrying : carrying;
      if ('kind' in carried) return carried;
      const call = this.#callOf(sending, carried);
      const repeating = this.#parts.repeater(call, await call.exchange());
      const result = repeating instanceof Promise ? await repeating : repeating;
      const answer = this.#redaction.withoutSecrets(result, () => this.#secretsIn(carried));
      const reason = this.#renew(answer, carried, sending.repeat, done);
      if (reason === undefined) return answer;
      done.push(reason);
    }
  }

  close(): void {
    this.#sessions?.close();
  }

  #carry(sending: Sending): Carried | Promise<Carried | Fault> {
    if (this.#sessions !== undefined) return this.#carryWithin(this.#sessions, sending);
    const used = this.#parts.auth.headers(sending.options);
    if (!(used instanceof Promise)) return { used, session: undefined, own: NONE };
    return used.then(
      headers => ({ used: headers, session: undefined, own: NONE }),
      (error: unknown) => toFault(error, false),
    );
  }

  async #carryWithin(sessions: SessionKeeper, sending: Sending): Promise<Carried | Fault> {
    try {
      // The session first: fetching one may renew the access token.
      const session = await this.#sessionFor(sending, sessions);
      const used = await this.#parts.auth.headers(sending.options);
      return { used, session, own: sessionHeaders(session, sending.repeat) };
    } catch (error) {
      return toFault(error, false);
    }
  }

  /** Reads belong to the session when there is one: without it, each of them would open another one. */
  async #sessionFor(
    { repeat, request, options, receiver }: Sending,
    sessions: SessionKeeper,
  ): Promise<Session | undefined> {
    if (receiver !== undefined) return undefined;
    const { current } = sessions;
    if (current !== undefined || repeat !== 'once') return current;
    await this.#parts.traffic.pass(options);
    return sessions.open(request, options);
  }

  #callOf(sending: Sending, { used, session, own }: Carried): Call {
    const { api: dispatcher, limits, traffic } = this.#parts;
    const { request, repeat, receiver = session } = sending;
    const headers = requestHeaders(
      withOwnHeaders(request.headers, this.#parts.settings.headers),
      used,
      own,
    );
    const { options } = sending;
    const target = withQuery(sending.target, this.#parts.auth.query);
    return new Call({
      repeat,
      dispatcher,
      request,
      target,
      headers,
      options,
      limits,
      traffic,
      receiver,
    });
  }

  #secretsIn({ used, own }: Carried): readonly string[] {
    return secretsIn({ ...used, ...own }, this.#parts.credentials);
  }

  /**
   * Drops what the answer shows to be outdated.
   * @param done the reasons for which the request went again already
   * @returns why it may go once more
   */
  #renew(
    answer: Answer | Fault,
    { used, session }: Carried,
    repeat: Repeat,
    done: readonly Reason[],
  ): Reason | undefined {
    if (answer.kind === 'fault') return undefined;
    if (answer.status === 401 && !done.includes('credentials')) {
      if (!this.#parts.auth.renew(used)) return undefined;
      // It belongs to the old credentials.
      this.#drop(session);
      return 'credentials';
    }
    if (session === undefined || done.includes('session')) return undefined;
    const isOver = repeat === 'once' && isTokenRefusal(answer);
    if (!isOver && !isSessionTooLarge(answer)) return undefined;
    this.#drop(session);
    return 'session';
  }

  #drop(session: Session | undefined): void {
    if (session !== undefined) this.#sessions?.drop(session);
  }

  readonly #openSession: SendSessionRequest = (request, receiver, options) =>
    this.send({ repeat: 'read', request, options, receiver });
}

const NONE: Headers = {};

function withQuery(target: RequestTarget, query: string): RequestTarget {
  if (query === '') return target;
  const { origin, path } = target;
  return { origin, path: `${path}${path.includes('?') ? '&' : '?'}${query}` };
}

function sessionHeaders(session: Session | undefined, repeat: Repeat): Headers {
  if (session === undefined) return NONE;
  return repeat === 'once' ? session.writeHeaders() : session.readHeaders();
}

/**
 * Where a request goes, checked before anything leaves. Throws InputError `HEADER_INVALID`, or `URL_OUTSIDE` for an
 * address that is not below `base`.
 */
function targetOf({ url, headers }: WireRequest, base: URL): RequestTarget {
  checkHeaders(headers);
  const target = targetBelow(base, url);
  if (target !== undefined) return target;
  throw new InputError(
    'URL_OUTSIDE',
    'The address of the record is not below the base URL of the endpoint. Check record key and collection.',
  );
}
