import { expect, it, onTestFinished } from 'vitest';
import { play } from '../../../scripts/lib/cluster/demo.mjs';
import { makeUserDir } from '../../support/node-red';
import { hasRedis } from '../../support/redis/server';

it.skipIf(!hasRedis)(
  'npm run demo:cluster, in short: one of two Node-RED is killed in the middle of a load, and nothing is lost or done twice',
  async () => {
    const userDirs = [makeUserDir(), makeUserDir()];
    onTestFinished(() => {
      for (const { remove } of userDirs) remove();
    });
    // It ends with a "no" for whatever is not in place, is older than what was there, or was written twice.
    expect(
      await play(
        userDirs.map(({ userDir }) => userDir),
        60,
      ),
    ).toBe(true);
  },
);
