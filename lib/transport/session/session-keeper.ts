import type { Answer, Fault } from '../../outcome/answer';
import type { Time } from '../../retry/time';
import { deadlineFault } from '../fault';
import { patiently } from '../patiently';
import type { Place, SendOptions } from '../transport';
import { noSession, SessionOffer } from './csrf-fetch';
import type { Session } from './session';

/** Sends the request that opens a session; its answers' secret headers go to `offer`. */
export type SendSessionRequest = (
  offer: SessionOffer,
  options: SendOptions,
) => Promise<Answer | Fault>;

/** What the keeper needs of its surroundings. */
export interface SessionParts {
  readonly send: SendSessionRequest;
  /** Milliseconds until requests of this credential may leave. */
  readonly heldForMs: () => number;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
}

/** For one session with all repeats: nobody's write bounds it, because many may wait for it. */
const SESSION_BUDGET_MS = 30_000;

/** Those who wait for the session have places, and send nothing meanwhile: waiting for one more could be for ever. */
const BORROWED: Place = { isHeld: true, had: () => undefined, leave: () => undefined };

const LATE = deadlineFault('a CSRF token came');

/**
 * The endpoint's session, fetched once for all writes that wait for it: a fetch beside another would end the
 * session of the first one on some servers.
 */
export class SessionKeeper {
  readonly #parts: SessionParts;
  readonly #closing = new AbortController();
  #session: Session | undefined = undefined;
  #fetching: Promise<Session> | undefined = undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** The session at hand; fetches none. */
  get current(): Session | undefined {
    return this.#session;
  }

  /** The session at hand or a new one. Rejects with FaultError (sent `no`): `ABORTED`, `DEADLINE`, or why there is none. */
  async open(options: SendOptions): Promise<Session> {
    return this.#session ?? (await patiently(() => this.#fetch(), options, LATE));
  }

  /** Only the session that failed is dropped: a late refusal must not cost the fresh one. */
  drop(failed: Session): void {
    if (this.#session === failed) this.#session = undefined;
  }

  close(): void {
    this.#closing.abort();
  }

  #fetch(): Promise<Session> {
    this.#fetching ??= this.#request().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #request(): Promise<Session> {
    const { send, heldForMs, time } = this.#parts;
    const until = time.monotonic() + SESSION_BUDGET_MS;
    const offer = new SessionOffer(() => time.now());
    const remainingMs = () => until - time.monotonic();
    const { signal } = this.#closing;
    const answer = await send(offer, { signal, remainingMs, place: BORROWED });
    if (offer.session === undefined) throw noSession(answer, heldForMs());
    this.#session = offer.session;
    return offer.session;
  }
}
