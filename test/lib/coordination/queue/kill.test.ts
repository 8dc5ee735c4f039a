import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runKilled } from './killed-worker';

/** `npm test` puts a few, a longer run as many as this says. */
const COUNT = Number(process.env.QUEUE_UPDATES ?? 5000);

it('kill -9 in the middle of queued updates: none is lost, none is handed on twice without saying so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'queue-kill-'));
  const killsAfter = [0.1, 0.4, 0.7].map(part => Math.round(part * COUNT));
  const { lost, unsaid, redelivered } = await runKilled(folder, COUNT, killsAfter);
  await rm(folder, { recursive: true });
  expect({ lost, unsaid }).toEqual({ lost: [], unsaid: [] });
  expect(redelivered).toBeGreaterThan(0);
});
