import type { Headers } from '../headers';
import type { SendOptions } from '../transport';
import { withSecretHeader, type Authorizer } from './authorizer';
import type { OAuth2Settings, SecretHeader } from './settings';
import type { Token } from './token';
import type { TokenLease } from './token-sources';

/** Credentials that are fetched. Throws InputError `AUTH_INVALID`, which names the field. */
export function createOAuth2Authorizer({ also }: OAuth2Settings, lease: TokenLease): Authorizer {
  return new OAuth2Authorizer(also, lease);
}

class OAuth2Authorizer implements Authorizer {
  readonly query = '';
  readonly #also: SecretHeader | undefined;
  readonly #lease: TokenLease;
  readonly #closing = new AbortController();
  /** Made once per token, for every request carries them. */
  #latest: { readonly value: string; readonly headers: Headers };

  constructor(also: SecretHeader | undefined, lease: TokenLease) {
    this.#also = also;
    this.#lease = lease;
    this.#latest = this.#made('');
  }

  headers(options: SendOptions): Headers | Promise<Headers> {
    const token = this.#lease.source.usable();
    return token === undefined ? this.#fetched(options) : this.#headersWith(token);
  }

  async #fetched(options: SendOptions): Promise<Headers> {
    const { signal, stop: own = signal } = options;
    // Others may wait for the same token: the end of this endpoint does not end its fetching.
    const stop = AbortSignal.any([own, this.#closing.signal]);
    return this.#headersWith(await this.#lease.source.fetched({ ...options, stop }));
  }

  renew({ authorization = '' }: Headers): boolean {
    this.#lease.source.drop(authorization.slice(SCHEME.length));
    return true;
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.#lease.release();
  }

  #headersWith({ value }: Token): Headers {
    if (this.#latest.value !== value) this.#latest = this.#made(value);
    return this.#latest.headers;
  }

  #made(value: string): { readonly value: string; readonly headers: Headers } {
    return { value, headers: withSecretHeader({ authorization: SCHEME + value }, this.#also) };
  }
}

const SCHEME = 'Bearer ';
