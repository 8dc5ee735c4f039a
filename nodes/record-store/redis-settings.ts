import {
  parseAddress,
  parseAddresses,
  SENTINEL_PORT,
  SERVER_PORT,
  type RedisSettings,
} from '../../lib/coordination/redis/settings';
import { tlsOptions } from '../shared/chosen';
import type { NodeAPI } from '../shared/node-api';
import { settingsOf, type Settings } from '../shared/settings';
import { STORE_FIELDS, type RecordStoreConfig, type RecordStoreCredentials } from './config';

/** Where Redis is and how to sign in, as the dialog has it. Throws InputError naming the field. */
export function redisSettings(
  RED: NodeAPI,
  config: RecordStoreConfig,
  credentials: RecordStoreCredentials = {},
): RedisSettings {
  const read = settingsOf(STORE_FIELDS, config);
  const { isTls, ...place } = placeOf(read, credentials);
  return {
    ...place,
    tls: tlsOptions(RED, config.tls, 'store') ?? (isTls ? {} : undefined),
    user: filled(credentials.user),
    password: filled(credentials.password),
    prefix: read.text('prefix'),
  };
}

/** What is at the addresses. */
function placeOf(
  read: Settings<typeof STORE_FIELDS>,
  { sentinelUser, sentinelPassword }: RecordStoreCredentials,
) {
  const text = read.text('server');
  switch (read.choice('mode')) {
    case 'one':
      return parseAddress(text);
    case 'sentinel': {
      const where = 'choose it in Database';
      const { addresses, isTls } = parseAddresses(text, SENTINEL_PORT, where);
      return {
        sentinels: addresses,
        isTls,
        master: read.text('master'),
        database: read.number('database'),
        sentinelUser: filled(sentinelUser),
        sentinelPassword: filled(sentinelPassword),
      };
    }
    case 'cluster': {
      const where = 'a cluster has number 0 only';
      const { addresses, isTls } = parseAddresses(text, SERVER_PORT, where);
      return { nodes: addresses, isTls };
    }
  }
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
