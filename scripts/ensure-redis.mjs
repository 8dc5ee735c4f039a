import { findProgram, installPackage } from './lib/debian.mjs';

/**
 * The server for the tests of the Redis store: REDIS_SERVER_PATH, one that is installed, or Debian's,
 * which is installed when this process may do so.
 * @returns {Promise<string | undefined>} its path; undefined: there is none, and a message said so
 */
export async function ensureRedis() {
  const wanted = process.env.REDIS_SERVER_PATH;
  if (wanted) return wanted;
  const found = find() ?? ((await installPackage('redis-server', 'the Redis tests')) && find());
  if (found) return found;
  console.warn(
    '\n*** No redis-server found: the tests of the Redis store are NOT run. Install redis-server or ' +
      'valkey, or set REDIS_SERVER_PATH to its program. ***\n',
  );
  return undefined;
}

const find = () => findProgram(['redis-server', 'valkey-server']);
