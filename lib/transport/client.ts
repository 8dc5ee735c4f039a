import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import { parseBaseUrl } from '../record/url';
import { createOAuth2Authorizer } from './auth/oauth2';
import { createStaticAuthorizer, withSecretHeader, type Authorizer } from './auth/authorizer';
import { createTokenSources, type TokenSources } from './auth/token-sources';
import { AbortWatch } from './abort-watch';
import { openDispatcher } from './dispatcher';
import { checkHeaders } from './headers';
import { createRepeater } from './repeat';
import { Sender } from './sender';
import type { TransportSettings } from './settings';
import { TrafficControl } from './throttle/traffic-control';
import type { SendOptions, Traffic, Transport, WireRequest } from './transport';

/**
 * The transport of one endpoint. Throws InputError for settings that cannot work
 * (`BASE_URL_INVALID`, `AUTH_INVALID`, `TLS_INVALID`, `PROXY_INVALID`, `PARALLEL_INVALID`, `HEADER_INVALID`); so do its `read` and `write`
 * for a request that must not leave (`HEADER_INVALID`, `URL_OUTSIDE`).
 * @param tokens shared with other endpoints; absent: its own
 */
export function createTransport(
  settings: TransportSettings,
  tokens: TokenSources = createTokenSources(),
): Transport {
  return new EndpointTransport(settings, tokens);
}

class EndpointTransport implements Transport {
  readonly traffic: Traffic;
  readonly #auth: Authorizer;
  readonly #api: Dispatcher;
  readonly #sender: Sender;

  constructor(settings: TransportSettings, tokens: TokenSources) {
    const { auth, requestTimeoutMs, maxResponseBytes, time } = settings;
    const traffic = new TrafficControl(settings);
    this.traffic = traffic;
    checkHeaders(settings.headers ?? {});
    const base = parseBaseUrl(String(settings.baseUrl));
    this.#api = openDispatcher(base.origin, settings);
    // Last of what may fail: a lease that nobody gives back would keep its tokens for good.
    this.#auth = authorizerOf(settings, tokens);
    const monotonic = () => time.monotonic();
    this.#sender = new Sender({
      settings,
      traffic,
      base,
      auth: this.#auth,
      credentials: auth,
      repeater: createRepeater(settings),
      api: this.#api,
      limits: { requestTimeoutMs, maxResponseBytes, aborts: new AbortWatch(), monotonic },
    });
  }

  read(request: WireRequest, options: SendOptions): Promise<Answer | Fault> {
    return this.#sender.send({ repeat: 'read', request, options });
  }

  write(request: WireRequest, options: SendOptions): Promise<Answer | Fault> {
    return this.#sender.send({ repeat: 'once', request, options });
  }

  async close(graceMs = 0): Promise<void> {
    const released = this.#auth.close();
    this.#sender.close();
    await Promise.all([closeWithin(this.#api, graceMs), released]);
  }
}

function authorizerOf(settings: TransportSettings, tokens: TokenSources): Authorizer {
  const { auth } = settings;
  if (auth.kind !== 'oauth2') return createStaticAuthorizer(auth);
  if (auth.also !== undefined) withSecretHeader({ authorization: '' }, auth.also);
  return createOAuth2Authorizer(auth, tokens.lease({ ...settings, auth }));
}

/** undici's `close` may never settle once `destroy` cut it short, so whichever ends first counts. */
async function closeWithin(dispatcher: Dispatcher, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const cut = new Promise<void>(resolve => {
    timer = setTimeout(() => {
      resolve(dispatcher.destroy());
    }, graceMs);
  });
  await Promise.race([dispatcher.close(), cut]);
  clearTimeout(timer);
}
