import type { BaseUrl } from '../record/url';
import type { RetryBudget } from '../retry/budget';
import type { Time } from '../retry/time';
import type { AuthSettings } from './auth/settings';
import type { Headers } from './headers';
import type { Admission } from './throttle/admission';
import type { ThrottleGate } from './throttle/gate';

/** Everything the transport of one endpoint needs to know. */
export interface TransportSettings {
  readonly baseUrl: BaseUrl;
  readonly auth: AuthSettings;
  /** Added to every request to the API, in the place of others of the same name; no secrets. Absent: none. */
  readonly headers?: Headers;
  readonly proxy?: ProxySettings;
  /** Hosts reached without the proxy: `host`, `host:port`, `.domain` or `*`. A name covers its subdomains. */
  readonly noProxy?: readonly string[];
  /** For the API and the token endpoint; `servername` for the API only. */
  readonly tls?: TlsSettings;
  readonly requestTimeoutMs: number;
  /** Repeats of a read or a token request after a transient fault. */
  readonly transientRetries: number;
  readonly maxResponseBytes: number;
  readonly retryWait: RetryWait;
  readonly time: Time;
  /** Writes carry a CSRF token and the cookies of its session. Absent: the API asks for none. */
  readonly csrf?: CsrfSettings;
  /**
   * Shared by all endpoints with the same credential: one 429 holds them all, and their requests are counted together.
   * Absent: one of its own, from `gate` and `parallel`.
   */
  readonly admission?: Admission;
  readonly gate?: ThrottleGate;
  /** Told once when the API asks for a longer pause than its credential is held; `ms` is what it asks for. */
  readonly onLongHold?: (ms: number) => void;
  /** Most requests under way at a time, each on a connection of its own; it shrinks while the API is overloaded. Absent: no limit. */
  readonly parallel?: number;
  /** Absent: retries are bounded by their number only. */
  readonly budget?: RetryBudget;
}

/** Where a session is opened: at the base URL. */
export interface CsrfSettings {
  /** Added to that address, for example `sap-client=100`: a session belongs to one client. Empty: nothing. */
  readonly query: string;
}

/**
 * Milliseconds to wait before repeat number `retry` (from 1). `previousMs` is the wait before that, 0 for none;
 * `retryAfterMs` is the least the server wants.
 */
export type RetryWait = (input: {
  retry: number;
  previousMs: number;
  retryAfterMs?: number;
}) => number;

export interface ProxySettings {
  /** http or https. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
}

/** PEM or PFX contents as Node.js takes them. */
export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly pfx?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}
