// npm run test:stress [-- --seconds N] [-- --seed S]: several processes with locks and queues on Redis, and on one store
// file, under faults at random: kill -9, SIGSTOP, connections that are cut, frozen or lose answers, restarts of Redis.
// Ends with 0 only if nothing was lost, repeated, or overlapped, and all went on by itself.
import { parseArgs } from 'node:util';
import { ensureRedis } from './ensure-redis.mjs';
import { tool } from './lib/exec.mjs';
import { ensureInstalled } from './lib/install.mjs';

const TEN_MINUTES = '600';

try {
  await ensureInstalled();
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: TEN_MINUTES }, seed: { type: 'string' } },
  });
  const { seconds, seed = String(Math.floor(Math.random() * 1_000_000)) } = values;
  for (const [name, value] of Object.entries({ seconds, seed })) {
    if (!/^\d+$/.test(value)) throw new Error(`--${name} must be a whole number, not ${value}`);
  }
  const redis = await ensureRedis();
  if (redis === undefined) throw new Error('it needs a redis-server');
  console.log(`Seed ${seed}, ${seconds} seconds on each store, both at once.`);
  const env = { STRESS_SECONDS: seconds, STRESS_SEED: seed, REDIS_SERVER_PATH: redis };
  const files = 'test/lib/coordination/stress';
  // Both at once, and told as it comes.
  const args = ['run', files, '--project=code', '--disable-console-intercept', '--maxWorkers=3'];
  const { code } = await tool('vitest/vitest.mjs', args, { env, echo: true });
  process.exitCode = code;
} catch (error) {
  console.error(`npm run test:stress failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
