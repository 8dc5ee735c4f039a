import { InputError } from '../../errors';

/** Where something listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** How to sign in, and what belongs to the store. */
interface Access {
  /** Undefined: plain TCP. */
  readonly tls: Readonly<Record<string, unknown>> | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Every key and channel of ours begins with it. */
  readonly prefix: string;
}

/** One Redis or Valkey, or one address behind which there always is one. */
export interface OneServer extends Access, ServerAddress {
  /** Number of the database. */
  readonly database: number;
}

/** Several that copy each other: the sentinels know which of them may be written. */
export interface Sentinels extends Access {
  readonly sentinels: readonly ServerAddress[];
  /** What the sentinels call it. */
  readonly master: string;
  readonly database: number;
  readonly sentinelUser: string | undefined;
  readonly sentinelPassword: string | undefined;
}

/** Several that share the keys. There is one database. */
export interface ClusterNodes extends Access {
  /** Some of them: they know the others. */
  readonly nodes: readonly ServerAddress[];
}

/** Where a Redis or Valkey is, and how to sign in. */
export type RedisSettings = OneServer | Sentinels | ClusterNodes;

export const SERVER_PORT = 6379;
export const SENTINEL_PORT = 26_379;

/**
 * An address as people write it: `host`, `host:port`, `redis://host:port/database`, or `rediss://…` for TLS.
 * Throws InputError `STORE_ADDRESS_INVALID`.
 */
export function parseAddress(
  text: string,
): ServerAddress & Pick<OneServer, 'database'> & { readonly isTls: boolean } {
  const [address, another] = addressesIn(text);
  if (another !== undefined) {
    throw invalid('must be a single one. For several choose Sentinel or Cluster under Server');
  }
  return parsed(address ?? '', SERVER_PORT, 'Address');
}

/**
 * Several of them, separated by commas or lines. TLS for one is TLS for all. Throws InputError `STORE_ADDRESS_INVALID`.
 * @param whereDatabase where its number is chosen instead: of a server that is not named here
 */
export function parseAddresses(
  text: string,
  port: number,
  whereDatabase: string,
): { readonly addresses: readonly ServerAddress[]; readonly isTls: boolean } {
  const texts = addressesIn(text);
  const all = (texts.length === 0 ? [''] : texts).map((one, index) => {
    const name = texts.length > 1 ? `Address ${index + 1}` : 'Address';
    const { database, ...address } = parsed(one, port, name);
    if (database === 0) return address;
    throw invalid(`must not name a database: ${whereDatabase}`, name);
  });
  return {
    addresses: all.map(({ host, port }) => ({ host, port })),
    isTls: all.some(({ isTls }) => isTls),
  };
}

function addressesIn(text: string): string[] {
  const parts = text.split(/[,\n]/).map(part => part.trim());
  return parts.filter(part => part !== '');
}

function parsed(text: string, port: number, name: string): ReturnType<typeof parseAddress> {
  const url = urlOf(text.includes('://') ? text : `redis://${text}`);
  if (url === undefined) throw invalid(`must be like "redis.example.com:${port}"`, name);
  if (`${url.username}${url.password}` !== '') {
    const why = 'because the flow file would hold them too';
    throw invalid(`must not hold a user or a password, ${why}`, name);
  }
  const isTls = SCHEMES[url.protocol];
  if (isTls === undefined) {
    throw invalid('must begin with redis:// or rediss://, or be host and port only', name);
  }
  const database = databaseOf(url);
  if (database === undefined) {
    throw invalid('may hold the number of a database after the port, and nothing else', name);
  }
  return { host: hostOf(url), port: Number(url.port || port), database, isTls };
}

/** What an address may begin with, and whether that means TLS. */
const SCHEMES: Readonly<Record<string, boolean>> = {
  'redis:': false,
  'rediss:': true,
  'valkey:': false,
  'valkeys:': true,
};

/** IPv6 without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Undefined: there is something else. */
function databaseOf({ pathname, search, hash }: URL): number | undefined {
  const database = /^\/?(\d{0,5})$/.exec(`${pathname}${search}${hash}`)?.[1];
  return database === undefined ? undefined : Number(database);
}

function urlOf(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.hostname === '' ? undefined : url;
  } catch {
    return undefined;
  }
}

/** The address itself is not named: it may hold a password. */
function invalid(what: string, name = 'Address'): InputError {
  return new InputError(
    'STORE_ADDRESS_INVALID',
    `${name} ${what}. Correct it in the dialog of the record-store node; user and password have fields of their own there.`,
  );
}
