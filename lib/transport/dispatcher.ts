import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector, Pool, ProxyAgent, type Dispatcher } from 'undici';
import { InputError } from '../errors';
import { passOverInterim } from './interim';
import type { ProxySettings, TlsSettings, TransportSettings } from './settings';

/** The part of the settings that concerns connections. */
export type ConnectionSettings = Pick<
  TransportSettings,
  'proxy' | 'noProxy' | 'tls' | 'requestTimeoutMs' | 'parallel'
>;

/** Enough for the parallel updates of most flows; without a higher limit, what is beyond waits for a free connection. */
const CONNECTIONS = 128;

/** Our own timer covers the whole request, so undici's coarse ones are off. */
const POOL = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };

/**
 * Keep-alive connections to one origin, through the proxy where one is set. It never follows redirects and
 * never looks at proxy environment variables. Throws InputError `TLS_INVALID` or `PROXY_INVALID`.
 */
export function openDispatcher(origin: string, settings: ConnectionSettings): Dispatcher {
  const { proxy, noProxy = [], tls, requestTimeoutMs, parallel = 0 } = settings;
  // Who waited for a connection here would look like an API that does not answer in time.
  const pool = { ...POOL, connections: Math.max(CONNECTIONS, parallel) };
  const connect = { ...tlsOptions(tls), timeout: requestTimeoutMs };
  if (proxy === undefined || isExempt(new URL(origin), noProxy)) {
    return new Pool(origin, { ...pool, connect: withoutInterim(buildConnector(connect)) });
  }
  // A tunnel for plain HTTP too, as the core http request node makes it.
  // The name to expect is the API's, not the proxy's.
  const proxyTls = { ...tlsOptions(tls && { ...tls, servername: '' }), timeout: requestTimeoutMs };
  return new ProxyAgent({
    ...pool,
    ...proxyOptions(proxy),
    requestTls: connect,
    proxyTls,
    factory: (to, options: Pool.Options) => {
      const tunnel = options.connect as buildConnector.connector;
      return new Pool(to, { ...options, connect: withoutInterim(tunnel) });
    },
  });
}

function withoutInterim(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      passOverInterim(socket);
      callback(null, socket);
    });
  };
}

type TlsOptions = Partial<buildConnector.BuildOptions> & { secureContext?: SecureContext };

function tlsOptions(tls: TlsSettings | undefined): TlsOptions {
  if (tls === undefined) return {};
  const { servername, rejectUnauthorized, ...material } = tls;
  return {
    secureContext: secureContext(material),
    ...(servername ? { servername } : {}),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

/** Made once: unusable material is found before any request, and connections need not parse it again. */
function secureContext(material: Omit<TlsSettings, 'servername' | 'rejectUnauthorized'>) {
  try {
    return createSecureContext(material);
  } catch {
    throw new InputError(
      'TLS_INVALID',
      'The TLS settings cannot be used. Check certificate, private key, CA and passphrase.',
    );
  }
}

function proxyOptions({ url, user, password }: ProxySettings): { uri: string; token?: string } {
  const proxyUrl = URL.canParse(url) ? new URL(url) : undefined;
  if (proxyUrl === undefined || !/^https?:$/.test(proxyUrl.protocol)) {
    throw new InputError(
      'PROXY_INVALID',
      'The proxy URL is not an http or https address. Write it like http://proxy.example.com:3128.',
    );
  }
  if (!user) return { uri: proxyUrl.href };
  const credentials = Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  return { uri: proxyUrl.href, token: `Basic ${credentials}` };
}

function isExempt({ hostname, port, protocol }: URL, noProxy: readonly string[]): boolean {
  const withPort = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  return noProxy
    .map(entry =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    )
    .some(entry => entry === '*' || covers(entry, hostname) || covers(entry, withPort));
}

function covers(entry: string, host: string): boolean {
  return entry !== '' && (host === entry || host.endsWith(`.${entry}`));
}
