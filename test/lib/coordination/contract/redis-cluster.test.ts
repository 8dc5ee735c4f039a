import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { RedisCluster } from '../../../support/redis/cluster';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis } from '../../../support/redis/server';
import { locksContract } from './locks';
import { queueStoreContract } from './queue-store';
import { seenEventsContract } from './seen-events';

describe.skipIf(!hasRedis)('on a cluster of three masters', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await RedisCluster.start({ keepsFile: true });
  });
  afterAll(() => cluster.end());

  describe('seen events', () => {
    seenEventsContract(async () => createRedisSeenEvents(await openConnection(cluster.settings())));
  });

  describe('the store of a queue', () => {
    let queues = 0;
    const open = async () =>
      createRedisQueueStore({
        runner: await openConnection(cluster.settings()),
        name: `queue-${queues++}`,
      });
    queueStoreContract({ open, mayLoseAnswers: true });
  });

  describe('locks', () => {
    locksContract(async () => ({ locks: await openLocks(cluster.settings()) }));
  });
});
