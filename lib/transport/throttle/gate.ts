import { createHash } from 'node:crypto';
import { parseBaseUrl, type BaseUrl } from '../../record/url';
import type { Time } from '../../retry/time';
import type { AuthSettings } from '../auth/settings';

/** Holds every request of one credential while the API throttles it. */
export interface ThrottleGate {
  /** Milliseconds until requests may leave; 0: now. */
  heldForMs(): number;
  /** Nothing leaves for that long from now on; a longer hold that is under way stays. */
  hold(ms: number): void;
}

/** A gate that holds nobody. */
export function createThrottleGate(time: Pick<Time, 'monotonic'>): ThrottleGate {
  let until = 0;
  return {
    heldForMs: () => Math.max(0, until - time.monotonic()),
    hold: ms => {
      until = Math.max(until, time.monotonic() + ms);
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
    case 'oauth2':
      return [auth.kind, auth.tokenUrl, auth.clientId];
  }
}
