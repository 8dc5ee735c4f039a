import { afterAll, beforeAll, describe } from 'vitest';
import { openLocks } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import { locksContract } from './locks';

describe.skipIf(!hasRedis)('on Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.end());

  describe('locks', () => {
    locksContract(async () => ({ locks: await openLocks(server.settings()) }));
  });
});
