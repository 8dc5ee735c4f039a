import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { RedisCluster } from '../../../support/redis/cluster';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis } from '../../../support/redis/server';
import { locksContract } from './locks';
import { seenEventsContract } from './seen-events';

describe.skipIf(!hasRedis)('on a cluster of three masters', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.end());

  describe('seen events', () => {
    seenEventsContract(async () => createRedisSeenEvents(await openConnection(cluster.settings())));
  });

  describe('locks', () => {
    locksContract(async () => ({ locks: await openLocks(cluster.settings()) }));
  });
});
