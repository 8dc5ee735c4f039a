import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import { locksContract } from './locks';
import { seenEventsContract } from './seen-events';

describe.skipIf(!hasRedis)('on Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.end());

  describe('seen events', () => {
    seenEventsContract(async () => createRedisSeenEvents(await openConnection(server.settings())));
  });

  describe('locks', () => {
    locksContract(async () => ({ locks: await openLocks(server.settings()) }));
  });
});
