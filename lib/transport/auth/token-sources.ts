import { createHash } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { InputError } from '../../errors';
import { AbortWatch } from '../abort-watch';
import { Call } from '../call';
import { openDispatcher, type ConnectionSettings } from '../dispatcher';
import { requestHeaders } from '../headers';
import { createRepeater } from '../repeat';
import type { TransportSettings } from '../settings';
import type { OAuth2Settings } from './settings';
import { TokenSource, type SendTokenRequest } from './token-source';

/** What getting a token takes. */
export type TokenSettings = Omit<ConnectionSettings, 'parallel'> &
  Pick<TransportSettings, 'maxResponseBytes' | 'transientRetries' | 'retryWait' | 'time'> & {
    readonly auth: OAuth2Settings;
  };

/** One endpoint's share in the tokens of a credential. */
export interface TokenLease {
  readonly source: TokenSource;
  /** Ends what is under way when nobody else holds a share. Calling it again changes nothing. */
  release(): Promise<void>;
}

/** One source of tokens for all endpoints with the same credential: some servers know one valid token per client only. */
export interface TokenSources {
  /** Throws InputError `AUTH_INVALID`, `TLS_INVALID` or `PROXY_INVALID`. */
  lease(settings: TokenSettings): TokenLease;
}

interface Shared {
  readonly source: TokenSource;
  readonly dispatcher: Dispatcher;
  shares: number;
}

/** Sources that are kept for as long as somebody holds a share in them. */
export function createTokenSources(): TokenSources {
  const sources = new Map<string, Shared>();
  return {
    lease: settings => {
      const key = keyOf(settings);
      const shared = sources.get(key) ?? opened(settings);
      sources.set(key, shared);
      shared.shares++;
      let isHeld = true;
      const release = async (): Promise<void> => {
        if (!isHeld) return;
        isHeld = false;
        if (--shared.shares > 0) return;
        sources.delete(key);
        shared.source.close();
        await shared.dispatcher.destroy();
      };
      return { source: shared.source, release };
    },
  };
}

/** Everything that a token may depend on: also which way it is fetched. Holds no secret: a hash tells as well. */
function keyOf({ auth, tls, proxy, noProxy }: TokenSettings): string {
  const signIn = { ...auth, also: undefined };
  const all = JSON.stringify([signIn, tls, proxy, noProxy]);
  return createHash('sha256').update(all).digest('hex');
}

function opened(settings: TokenSettings): Shared {
  const { auth, time } = settings;
  checkTokenUrl(auth);
  const dispatcher = openTokens(settings);
  const source = new TokenSource(auth, senderTo(dispatcher, settings), time);
  return { source, dispatcher, shares: 0 };
}

function checkTokenUrl({ tokenUrl }: OAuth2Settings): void {
  if (URL.canParse(tokenUrl) && /^https?:$/.test(new URL(tokenUrl).protocol)) return;
  throw new InputError(
    'AUTH_INVALID',
    'The token URL is not an http or https address. Write it like https://login.example.com/oauth2/token.',
  );
}

function openTokens(settings: TokenSettings): Dispatcher {
  const { origin } = new URL(settings.auth.tokenUrl);
  const { tls } = settings;
  // The name to expect is the API's.
  return openDispatcher(
    origin,
    tls === undefined ? settings : { ...settings, tls: { ...tls, servername: '' } },
  );
}

function senderTo(dispatcher: Dispatcher, settings: TokenSettings): SendTokenRequest {
  const { requestTimeoutMs, maxResponseBytes, time } = settings;
  const repeater = createRepeater(settings);
  const monotonic = (): number => time.monotonic();
  const limits = { requestTimeoutMs, maxResponseBytes, aborts: new AbortWatch(), monotonic };
  return async (request, options) => {
    const { origin, pathname, search } = new URL(request.url);
    const target = { origin, path: pathname + search };
    const headers = requestHeaders(request.headers);
    const sending = { repeat: 'token', request, target, options } as const;
    const call = new Call({ ...sending, dispatcher, headers, limits });
    return repeater(call, await call.exchange());
  };
}
