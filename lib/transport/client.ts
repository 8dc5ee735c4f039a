import type { Dispatcher } from 'undici';
import { InputError } from '../errors';
import type { Answer, Fault } from '../outcome/answer';
import { isWithin, parseBaseUrl, parseUrl } from '../record/url';
import type { Authorizer } from './auth/authorizer';
import { createOAuth2Authorizer, type SendTokenRequest } from './auth/oauth2';
import type { OAuth2Settings } from './auth/settings';
import { createStaticAuthorizer } from './auth/static';
import { Call, type CallLimits, type CallParts, type Repeat } from './call';
import { openDispatcher } from './dispatcher';
import { secretsIn, withoutSecrets } from './echo';
import { toFault } from './fault';
import { checkHeaders, flatHeaders, type Headers } from './headers';
import { createHttpClient, type HttpClient } from './http-client';
import type { TransportSettings } from './settings';
import type { SendOptions, Transport, WireRequest } from './transport';

/**
 * The transport of one endpoint. Throws InputError for settings that cannot work
 * (`BASE_URL_INVALID`, `AUTH_INVALID`, `TLS_INVALID`, `PROXY_INVALID`); so do its `read` and `write`
 * for a request that must not leave (`HEADER_INVALID`, `URL_OUTSIDE`).
 */
export function createTransport(settings: TransportSettings): Transport {
  return new EndpointTransport(settings);
}

/** `used`: the credentials it carried; absent when there were none to be had. */
interface Attempt {
  readonly answer: Answer | Fault;
  readonly used?: Headers;
}

type Sending = Pick<CallParts, 'repeat' | 'request' | 'target' | 'options'>;

class EndpointTransport implements Transport {
  readonly #settings: TransportSettings;
  readonly #base: URL;
  readonly #limits: CallLimits;
  readonly #http: HttpClient;
  readonly #auth: Authorizer;
  readonly #api: Dispatcher;
  readonly #tokens: Dispatcher | undefined;

  constructor(settings: TransportSettings) {
    const { auth, requestTimeoutMs, maxResponseBytes, time } = settings;
    this.#settings = settings;
    this.#limits = { requestTimeoutMs, maxResponseBytes, monotonic: () => time.monotonic() };
    this.#http = createHttpClient(settings);
    this.#auth = this.#authorizer();
    this.#base = parseBaseUrl(String(settings.baseUrl));
    this.#api = openDispatcher(this.#base.origin, settings);
    this.#tokens = auth.kind === 'oauth2' ? openTokenDispatcher(auth, settings) : undefined;
  }

  read(request: WireRequest, options: SendOptions): Promise<Answer | Fault> {
    return this.#send(request, options, 'read');
  }

  write(request: WireRequest, options: SendOptions): Promise<Answer | Fault> {
    return this.#send(request, options, 'once');
  }

  async close(graceMs = 0): Promise<void> {
    this.#auth.close();
    await Promise.all([closeWithin(this.#api, graceMs), this.#tokens?.destroy()]);
  }

  async #send(request: WireRequest, options: SendOptions, repeat: Repeat): Promise<Answer | Fault> {
    const sending = { repeat, request, target: this.#target(request), options };
    const { answer, used } = await this.#attempt(sending);
    const isRefused = answer.kind === 'answer' && answer.status === 401;
    if (!isRefused || used === undefined || !this.#auth.renew(used)) return answer;
    return (await this.#attempt(sending)).answer;
  }

  async #attempt(sending: Sending): Promise<Attempt> {
    let used: Headers;
    try {
      used = await this.#auth.headers(sending.options);
    } catch (error) {
      return { answer: toFault(error, false) };
    }
    const limits = this.#limits;
    const headers = flatHeaders(IDENTITY, sending.request.headers, used);
    const call = new Call({ ...sending, dispatcher: this.#api, headers, limits });
    const { patiently, once } = this.#http;
    const answer = await (sending.repeat === 'once' ? once(call) : patiently(call));
    const secrets = (): readonly string[] => secretsIn(used, this.#settings.auth);
    return { answer: withoutSecrets(answer, secrets), used };
  }

  /** Where a request goes, checked before anything leaves. */
  #target({ url, headers }: WireRequest): URL {
    checkHeaders(headers);
    const target = parseUrl(url);
    if (target !== undefined && isWithin(this.#base, target)) return target;
    throw new InputError(
      'URL_OUTSIDE',
      'The address of the record is not below the base URL of the endpoint. Check record key and collection.',
    );
  }

  #authorizer(): Authorizer {
    const { auth, time } = this.#settings;
    if (auth.kind !== 'oauth2') return createStaticAuthorizer(auth);
    return createOAuth2Authorizer(auth, this.#sendForToken, time);
  }

  readonly #sendForToken: SendTokenRequest = (request, options) => {
    const headers = flatHeaders(IDENTITY, request.headers);
    const limits = this.#limits;
    const dispatcher = this.#tokens ?? this.#api;
    const sending = { repeat: 'token', request, target: new URL(request.url), options } as const;
    return this.#http.patiently(new Call({ ...sending, dispatcher, headers, limits }));
  };
}

/** Compressing intermediaries alter ETags, which would then never match (docs/safety.md, "Comparing"). */
const IDENTITY: Headers = { 'accept-encoding': 'identity' };

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
