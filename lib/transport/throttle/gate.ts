import { createHash } from 'node:crypto';
import { parseBaseUrl, type BaseUrl } from '../../record/url';
import type { Time } from '../../retry/time';
import type { AuthSettings } from '../auth/settings';

/** The longest that one answer may hold a credential, whatever it asks for: a slip there must not stop a flow for years. */
export const LONGEST_HOLD_MS = 3_600_000;

/** After such a hold: how long the others wait for the answer to the one request that tries. */
const TRIAL_MS = 5_000;

/** Holds every request of one credential while the API throttles it. */
export interface ThrottleGate {
  /** Milliseconds until requests may leave; 0: now. */
  heldForMs(): number;
  /**
   * Nothing leaves for that long from now on, at most `LONGEST_HOLD_MS`; a longer hold that is under way stays.
   * @returns whether the time was cut, for the first answer that asks for so much
   */
  hold(ms: number): boolean;
  /** Told that a request leaves: after a hold that was cut it is the only one, until an answer comes. */
  left(): void;
  /** Told of an answer, before what it holds. */
  answered(): void;
}

/** A gate that holds nobody. */
export function createThrottleGate(time: Pick<Time, 'monotonic'>): ThrottleGate {
  let until = 0;
  let isCut = false;
  let isTrial = false;
  return {
    heldForMs: () => Math.max(0, until - time.monotonic()),
    hold: ms => {
      const isNew = ms > LONGEST_HOLD_MS && !isCut;
      isCut ||= isNew;
      until = Math.max(until, time.monotonic() + Math.min(ms, LONGEST_HOLD_MS));
      return isNew;
    },
    left: () => {
      if (!isCut) return;
      isTrial = true;
      until = time.monotonic() + TRIAL_MS;
    },
    answered: () => {
      if (!isTrial) return;
      isTrial = isCut = false;
      until = time.monotonic();
    },
  };
}

/** A share in the gate of one credential. */
export interface GateLease {
  readonly gate: ThrottleGate;
  /** The gate is forgotten with the last share. Calling it again changes nothing. */
  release(): void;
}

/** What tells one credential of a server from another. */
interface GateSettings {
  readonly baseUrl: BaseUrl;
  readonly auth: AuthSettings;
}

/** One gate for all endpoints that reach the same server with the same credential. */
export interface Gates {
  /** Throws InputError `BASE_URL_INVALID`. */
  lease(settings: GateSettings): GateLease;
}

interface Shared {
  readonly gate: ThrottleGate;
  shares: number;
}

/** Gates that are kept for as long as somebody holds a share in them. */
export function createGates(time: Pick<Time, 'monotonic'>): Gates {
  const gates = new Map<string, Shared>();
  return {
    lease: settings => {
      const key = keyOf(settings);
      const shared = gates.get(key) ?? { gate: createThrottleGate(time), shares: 0 };
      gates.set(key, shared);
      shared.shares++;
      let isReleased = false;
      const release = (): void => {
        if (isReleased) return;
        isReleased = true;
        if (--shared.shares === 0) gates.delete(key);
      };
      return { gate: shared.gate, release };
    },
  };
}

/** Holds no credential: a hash of it tells as well which are the same. */
function keyOf({ baseUrl, auth }: GateSettings): string {
  const { origin } = parseBaseUrl(String(baseUrl));
  const credential = createHash('sha256')
    .update(JSON.stringify(identityOf(auth)))
    .digest('hex');
  return `${origin} ${credential}`;
}

/** What an API counts its requests by. */
function identityOf(auth: AuthSettings): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return [auth.kind];
    case 'basic':
      return [auth.kind, auth.user];
    case 'bearer':
      return [auth.kind, auth.token];
    case 'api-key':
      return [auth.kind, auth.header.toLowerCase(), auth.key];
    case 'api-key-query':
      return [auth.kind, auth.parameter, auth.key];
    case 'oauth2':
      return [auth.kind, auth.tokenUrl, auth.clientId];
  }
}
