import type { NodeAPI } from 'node-red';
import { parseAddress, type RedisSettings } from '../../lib/coordination/redis/settings';
import { tlsOptions } from '../shared/chosen';
import { settingsOf } from '../shared/settings';
import { STORE_FIELDS, type RecordStoreConfig, type RecordStoreCredentials } from './config';

/** Where Redis is and how to sign in, as the dialog has it. Throws InputError naming the field. */
export function redisSettings(
  RED: NodeAPI,
  config: RecordStoreConfig,
  { user = '', password = '' }: RecordStoreCredentials = {},
): RedisSettings {
  const read = settingsOf(STORE_FIELDS, config);
  const { isTls, ...address } = parseAddress(read.text('server'));
  const tls = tlsOptions(RED, config.tls, 'store') ?? (isTls ? {} : undefined);
  return {
    ...address,
    tls,
    user: user === '' ? undefined : user,
    password: password === '' ? undefined : password,
    prefix: read.text('prefix'),
  };
}
