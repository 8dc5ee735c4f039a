import type { Dispatcher } from 'undici';
import type { Answer, Fault } from '../outcome/answer';
import { parseBaseUrl, type RequestTarget } from '../record/url';
import { createOAuth2Authorizer, type SendTokenRequest } from './auth/oauth2';
import type { OAuth2Settings } from './auth/settings';
import { createStaticAuthorizer, type Authorizer } from './auth/authorizer';
import { AbortWatch } from './abort-watch';
import { Call, type CallLimits } from './call';
import { openDispatcher } from './dispatcher';
import { checkHeaders, requestHeaders } from './headers';
import { createRepeater, type Repeater } from './repeat';
import { Sender } from './sender';
import type { TransportSettings } from './settings';
import { TrafficControl } from './throttle/traffic-control';
import type { SendOptions, Traffic, Transport, WireRequest } from './transport';

/**
 * The transport of one endpoint. Throws InputError for settings that cannot work
 * (`BASE_URL_INVALID`, `AUTH_INVALID`, `TLS_INVALID`, `PROXY_INVALID`, `PARALLEL_INVALID`, `HEADER_INVALID`); so do its `read` and `write`
 * for a request that must not leave (`HEADER_INVALID`, `URL_OUTSIDE`).
 */
export function createTransport(settings: TransportSettings): Transport {
  return new EndpointTransport(settings);
}

class EndpointTransport implements Transport {
  readonly traffic: Traffic;
  readonly #settings: TransportSettings;
  readonly #base: URL;
  readonly #limits: CallLimits;
  readonly #repeater: Repeater;
  readonly #auth: Authorizer;
  readonly #api: Dispatcher;
  readonly #tokens: Dispatcher | undefined;
  readonly #sender: Sender;

  constructor(settings: TransportSettings) {
    const { auth, requestTimeoutMs, maxResponseBytes, time } = settings;
    const aborts = new AbortWatch();
    const traffic = new TrafficControl(settings);
    this.traffic = traffic;
    this.#settings = settings;
    const monotonic = () => time.monotonic();
    this.#limits = { requestTimeoutMs, maxResponseBytes, aborts, monotonic };
    this.#repeater = createRepeater(settings);
    this.#auth = this.#authorizer();
    checkHeaders(settings.headers ?? {});
    this.#base = parseBaseUrl(String(settings.baseUrl));
    this.#api = openDispatcher(this.#base.origin, settings);
    this.#tokens = auth.kind === 'oauth2' ? openTokenDispatcher(auth, settings) : undefined;
    this.#sender = new Sender({
      settings,
      traffic,
      base: this.#base,
      auth: this.#auth,
      credentials: auth,
      repeater: this.#repeater,
      api: this.#api,
      limits: this.#limits,
    });
  }

  read(request: WireRequest, options: SendOptions): Promise<Answer | Fault> {
    return this.#sender.send({ repeat: 'read', request, options });
  }

  write(request: WireRequest, options: SendOptions): Promise<Answer | Fault> {
    return this.#sender.send({ repeat: 'once', request, options });
  }

  async close(graceMs = 0): Promise<void> {
    this.#auth.close();
    this.#sender.close();
    await Promise.all([closeWithin(this.#api, graceMs), this.#tokens?.destroy()]);
  }

  #authorizer(): Authorizer {
    const { auth, time } = this.#settings;
    if (auth.kind !== 'oauth2') return createStaticAuthorizer(auth);
    return createOAuth2Authorizer(auth, this.#sendForToken, time);
  }

  readonly #sendForToken: SendTokenRequest = (request, options) => {
    const headers = requestHeaders(request.headers);
    const limits = this.#limits;
    const dispatcher = this.#tokens ?? this.#api;
    const sending = { repeat: 'token', request, target: targetAt(request.url), options } as const;
    const call = new Call({ ...sending, dispatcher, headers, limits });
    return call.exchange().then(first => this.#repeater(call, first));
  };
}

function targetAt(url: string): RequestTarget {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
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

function openTokenDispatcher(auth: OAuth2Settings, settings: TransportSettings): Dispatcher {
  const { origin } = new URL(auth.tokenUrl);
  const { tls } = settings;
  if (tls === undefined) return openDispatcher(origin, settings);
  return openDispatcher(origin, { ...settings, tls: { ...tls, servername: '' } });
}
