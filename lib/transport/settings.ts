import type { BaseUrl } from '../record/url';
import type { Time } from '../retry/time';
import type { AuthSettings } from './auth/settings';

/** Everything the transport of one endpoint needs to know. */
export interface TransportSettings {
  readonly baseUrl: BaseUrl;
  readonly auth: AuthSettings;
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
}

/** Milliseconds to wait before repeat number `retry` (from 1); `retryAfterMs` is the least the server wants. */
export type RetryWait = (input: { retry: number; retryAfterMs?: number }) => number;

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
