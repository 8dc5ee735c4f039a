import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import type { StorePlace } from '../stress/open-stores';
import { runKilled } from './killed-worker';

/** `npm test` puts a few, a longer run as many as this says. */
const { QUEUE_UPDATES } = process.env;

async function expectAllWell(count: number, store: (folder: string) => StorePlace): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'queue-kill-'));
  const killsAfter = [0.1, 0.4, 0.7].map(part => Math.round(part * count));
  const { redelivered, ...faults } = await runKilled(folder, store(folder), count, killsAfter);
  await rm(folder, { recursive: true });
  expect(faults).toEqual({ lost: [], unsaid: [], twice: [], never: [] });
  expect(redelivered).toBeGreaterThan(0);
}

describe('kill -9 in the middle of queued updates: none is lost, none is handed on twice without saying so, each increment counts once', () => {
  it('in a file', async () => {
    const count = Number(QUEUE_UPDATES ?? 2000);
    await expectAllWell(count, folder => ({ kind: 'file', folder }));
  });

  it.skipIf(!hasRedis)('on Redis', async () => {
    const server = await RedisServer.forTest('--appendonly', 'yes');
    const count = Number(QUEUE_UPDATES ?? 1000);
    await expectAllWell(count, () => ({ kind: 'redis', port: server.port }));
  });
});
