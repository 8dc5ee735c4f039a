import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import { locksContract } from './locks';
import { queueStoreContract } from './queue-store';
import { recordQueueContract } from './record-queue';
import { seenEventsContract } from './seen-events';
import { unreadableContract } from './unreadable';

describe.skipIf(!hasRedis)('on Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    // What a queue has stored counts as saved only where the server keeps a file.
    server = await RedisServer.start('--appendonly', 'yes');
  });
  afterAll(() => server.end());

  describe('seen events', () => {
    seenEventsContract(async () => createRedisSeenEvents(await openConnection(server.settings())));
  });

  describe('the store of a queue', () => {
    let queues = 0;
    const open = async () =>
      createRedisQueueStore({
        runner: await openConnection(server.settings()),
        name: `queue-${queues++}`,
      });
    queueStoreContract({ open, mayLoseAnswers: true });
    describe('a queue', () => {
      recordQueueContract(open);
    });
    describe('a queue cannot read', () => {
      unreadableContract(open);
    });
  });

  describe('locks', () => {
    locksContract(async () => ({ locks: await openLocks(server.settings()) }));
  });
});
