import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemTime } from '../../../lib/retry/time';
import { createInProcessDeadLetters } from '../../../lib/review/store/in-process-store';
import { createRedisDeadLetters } from '../../../lib/review/store/redis-store';
import { openConnection } from '../../support/redis/open';
import { RedisServer } from '../../support/redis/server';
import { deadLetterStoreContract } from './store-contract';

const onTrouble = (trouble: unknown): void => {
  expect(trouble).toBeUndefined();
};

describe('dead letters of this process', () => {
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dead-letters-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const withFile = (name: string) =>
    createInProcessDeadLetters({ time: systemTime, journal: join(folder, name), onTrouble });

  describe('in memory', () => {
    deadLetterStoreContract(() => createInProcessDeadLetters({ time: systemTime, onTrouble }));
  });

  describe('with a journal', () => {
    deadLetterStoreContract(() => withFile(`${files++}.journal`));

    it('are there after a restart, and those that have gone are not', async () => {
      const store = await withFile('restart');
      const change = { head: 'h', limits: undefined };
      const put = async (id: string, revision: number, text: string | undefined) => {
        const answer = await store.put({ id, revision, text, ...change });
        return answer.kind === 'changed' ? answer.revision : 0;
      };
      const a = await put('a', 0, '1');
      await put('a', a, '2');
      await put('b', await put('b', 0, '1'), undefined);
      const { place } = await store.heads(undefined, 10);
      await store.close();
      const again = await withFile('restart');
      expect((await again.get('a')).text).toBe('2');
      expect((await again.get('b')).text).toBeUndefined();
      const page = await again.heads(place, 10);
      expect(page).toMatchObject({ isAnew: true, entries: 1 });
      expect(page.heads).toEqual([{ id: 'a', revision: a + 1, head: 'h' }]);
      await again.close();
    });
  });
});

describe('dead letters on Redis', () => {
  let server: RedisServer;
  let lists = 0;

  beforeAll(async () => {
    server = await RedisServer.start('--appendonly', 'yes');
  });
  afterAll(() => server.end());

  deadLetterStoreContract(async () =>
    createRedisDeadLetters({
      runner: await openConnection(server.settings()),
      name: `list-${lists++}`,
    }),
  );
});
