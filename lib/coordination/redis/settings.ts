import { InputError } from '../../errors';

/** Where a Redis or Valkey is, and how to sign in. */
export interface RedisSettings {
  readonly host: string;
  readonly port: number;
  /** Number of the database. */
  readonly database: number;
  /** Undefined: plain TCP. */
  readonly tls: Readonly<Record<string, unknown>> | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Every key and channel of ours begins with it. */
  readonly prefix: string;
}

type Address = Pick<RedisSettings, 'host' | 'port' | 'database'> & { readonly isTls: boolean };

const DEFAULT_PORT = 6379;

/**
 * An address as people write it: `host`, `host:port`, `redis://host:port/database`, or `rediss://…` for TLS.
 * Throws InputError `STORE_ADDRESS_INVALID`.
 */
export function parseAddress(text: string): Address {
  const given = text.trim();
  const url = parsed(given.includes('://') ? given : `redis://${given}`);
  if (url === undefined) throw invalid('must be like "redis.example.com:6379"');
  if (`${url.username}${url.password}` !== '') {
    throw invalid('must not hold a user or a password, because the flow file would hold them too');
  }
  const isTls = SCHEMES[url.protocol];
  if (isTls === undefined) {
    throw invalid('must begin with redis:// or rediss://, or be host and port only');
  }
  return {
    host: hostOf(url),
    port: Number(url.port || DEFAULT_PORT),
    database: databaseOf(url),
    isTls,
  };
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

function databaseOf({ pathname, search, hash }: URL): number {
  const database = /^\/?(\d{0,5})$/.exec(`${pathname}${search}${hash}`)?.[1];
  if (database === undefined) {
    throw invalid('may hold the number of a database after the port, and nothing else');
  }
  return Number(database);
}

function parsed(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.hostname === '' ? undefined : url;
  } catch {
    return undefined;
  }
}

/** The address itself is not named: it may hold a password. */
function invalid(what: string): InputError {
  return new InputError(
    'STORE_ADDRESS_INVALID',
    `Redis server ${what}. Correct it in the dialog of the record-store node; user and password have fields of their own there.`,
  );
}
