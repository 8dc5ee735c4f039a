import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import type { StorePlace } from '../stress/open-stores';
import { runKilled } from './killed-worker';

/** `npm test` puts a few, `npm run test:stress -- --kill N` so many. */
const { QUEUE_UPDATES } = process.env;
/** For each update, on a computer that does other things, too. Milliseconds. */
const PATIENCE_PER_UPDATE_MS = 60;

const timeoutFor = (count: number): number => 300_000 + count * PATIENCE_PER_UPDATE_MS;

async function expectAllWell(
  where: string,
  count: number,
  store: (folder: string) => StorePlace,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'queue-kill-'));
  const killsAfter = [0.1, 0.4, 0.7].map(part => Math.round(part * count));
  const { redelivered, ...faults } = await runKilled(folder, store(folder), count, killsAfter);
  await rm(folder, { recursive: true });
  expect(faults).toEqual({ lost: [], unsaid: [], twice: [], never: [] });
  expect(redelivered).toBeGreaterThan(0);
  if (QUEUE_UPDATES === undefined) return;
  console.log(
    `${where}: ${count} updates, ${killsAfter.length} kills, ${redelivered} handed on again, ${JSON.stringify(faults)}`,
  );
}

describe('kill -9 in the middle of queued updates: none is lost, none is handed on twice without saying so, each increment counts once', () => {
  const inFile = Number(QUEUE_UPDATES ?? 2000);
  it(
    'in a file',
    async () => {
      await expectAllWell('In a file', inFile, folder => ({ kind: 'file', folder }));
    },
    timeoutFor(inFile),
  );

  const onRedis = Number(QUEUE_UPDATES ?? 1000);
  it.skipIf(!hasRedis)(
    'on Redis',
    async () => {
      const server = await RedisServer.forTest('--appendonly', 'yes');
      await expectAllWell('On Redis', onRedis, () => ({ kind: 'redis', port: server.port }));
    },
    timeoutFor(onRedis),
  );
});
