import type { Answer, Fault } from '../../outcome/answer';
import type { Time } from '../../retry/time';
import { deadlineFault } from '../fault';
import { SingleFlight } from '../single-flight';
import type { Place, SendOptions, WireRequest } from '../transport';
import { csrfRequestAt, mayBeElsewhere, noSession, SessionOffer } from './csrf-fetch';
import type { Session } from './session';

/** Sends a request that opens a session; its answers' secret headers go to `offer`. */
export type SendSessionRequest = (
  request: WireRequest,
  offer: SessionOffer,
  options: SendOptions,
) => Promise<Answer | Fault>;

/** What the keeper needs of its surroundings. */
export interface SessionParts {
  /** Tried in turn, and then at the record, until one brings a session. The first one's answer says why there is none. */
  readonly requests: readonly WireRequest[];
  readonly send: SendSessionRequest;
  /** Milliseconds until requests of this credential may leave. */
  readonly heldForMs: () => number;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
}

/** Those who wait for the session have places, and send nothing meanwhile: waiting for one more could be for ever. */
const BORROWED: Place = { isHeld: true, had: () => undefined, leave: () => undefined };

const LATE = deadlineFault('a CSRF token came');

/**
 * The endpoint's session, fetched once for all writes that wait for it: a fetch beside another would end the
 * session of the first one on some servers.
 */
export class SessionKeeper {
  readonly #parts: SessionParts;
  readonly #flight: SingleFlight<Session>;
  #session: Session | undefined = undefined;
  /** The latest write that asked for a session. */
  #wanted: WireRequest | undefined = undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#flight = new SingleFlight(options => this.#fetch(options), LATE, parts.time);
  }

  /** The session at hand; fetches none. */
  get current(): Session | undefined {
    return this.#session;
  }

  /**
   * The session at hand or a new one. Rejects with FaultError (sent `no`): `ABORTED`, `DEADLINE`, or why there is none.
   * @param wanted the write that needs it
   */
  async open(wanted: WireRequest, options: SendOptions): Promise<Session> {
    this.#wanted = wanted;
    return this.#session ?? (await this.#flight.join(options));
  }

  /** Only the session that failed is dropped: a late refusal must not cost the fresh one. */
  drop(failed: Session): void {
    if (this.#session === failed) this.#session = undefined;
  }

  close(): void {
    this.#flight.close();
  }

  async #fetch(options: SendOptions): Promise<Session> {
    const { requests, send, heldForMs, time } = this.#parts;
    const offer = new SessionOffer(() => time.now());
    let first: Answer | Fault | undefined;
    const last = this.#wanted === undefined ? [] : csrfRequestAt(this.#wanted);
    for (const request of [...requests, ...last]) {
      const answer = await send(request, offer, { ...options, place: BORROWED });
      if (offer.session !== undefined) return (this.#session = offer.session);
      first ??= answer;
      if (!mayBeElsewhere(answer)) throw noSession(answer, heldForMs());
    }
    throw noSession(first ?? LATE, heldForMs());
  }
}
