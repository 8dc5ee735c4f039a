// npm run test:stress [-- --seconds N] [-- --seed S]: several processes with locks and queues on Redis, and on one store
// file, under faults at random: kill -9, SIGSTOP, connections that are cut, frozen or lose answers, restarts of Redis.
// Ends with 0 only if nothing was lost, repeated, or overlapped, and all went on by itself.
//
// npm run test:stress -- --kill N: N updates through a queue in a file and N through one on Redis, every tenth an
// increment; the process is killed three times in the middle (kill -9). Ends with 0 only if none was lost and no increment
// counts twice.
import { parseArgs } from 'node:util';
import { ensureRedis } from './ensure-redis.mjs';
import { tool } from './lib/exec.mjs';
import { ensureInstalled } from './lib/install.mjs';

const TEN_MINUTES = '600';

try {
  await ensureInstalled();
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: TEN_MINUTES },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      kill: { type: 'string' },
    },
  });
  for (const [name, value] of Object.entries(values)) {
    if (!/^\d+$/.test(value)) throw new Error(`--${name} must be a whole number, not ${value}`);
  }
  const redis = await ensureRedis();
  if (redis === undefined) throw new Error('it needs a redis-server');
  const { files, env } = values.kill === undefined ? faults(values) : kills(values.kill);
  // Both at once, and told as it comes.
  const args = ['run', files, '--project=code', '--disable-console-intercept', '--maxWorkers=3'];
  const options = { env: { ...env, REDIS_SERVER_PATH: redis }, echo: true };
  const { code } = await tool('vitest/vitest.mjs', args, options);
  process.exitCode = code;
} catch (error) {
  console.error(`npm run test:stress failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}

/** @param {{ seconds: string, seed: string }} plan */
function faults({ seconds, seed }) {
  console.log(`Seed ${seed}, ${seconds} seconds on each store, both at once.`);
  const env = { STRESS_SECONDS: seconds, STRESS_SEED: seed };
  return { files: 'test/lib/coordination/stress', env };
}

/** @param {string} count */
function kills(count) {
  console.log(`${count} updates on each store, one after the other.`);
  return { files: 'test/lib/coordination/queue/kill.test.ts', env: { QUEUE_UPDATES: count } };
}
