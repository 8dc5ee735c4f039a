#!/usr/bin/env bash
# A time-out ends the waiting, not the write: the next write of the record starts beside it.
#
# Package: p-queue@9.3.5, bottleneck@2.19.5, async-lock@1.5.0
# Surprise: with a concurrency of one, `timeout` (p-queue), `expiration` (Bottleneck) and `maxExecutionTime`
# (async-lock) reject the first task and give its place away while the task goes on. The first write then
# lands after the second one has been started.
# Why it matters: a queue of one per record is chosen so that writes do not overtake each other. With a time
# limit on the queue they do, in the one case that needs the order: a slow server. The limit belongs into the
# request (an abort signal), with the record re-read afterwards.
# Seen:
#   p-queue: {"overtaken":true,"reported":true}
#   bottleneck: {"overtaken":true,"reported":true}
#   async-lock: {"overtaken":true,"reported":true}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  p-queue@9.3.5 bottleneck@2.19.5 async-lock@1.5.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import AsyncLock from 'async-lock';
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';

async function race(schedule) {
  const order = [];
  let answer;
  const slowServer = new Promise(resolve => (answer = resolve));
  let written;
  const landed = new Promise(resolve => (written = resolve));
  const first = schedule(async () => {
    order.push('first starts');
    await slowServer;
    order.push('first writes');
    written();
  }).catch(() => order.push('first reported as failed'));
  const second = schedule(async () => order.push('second starts'));
  await Promise.all([first, second]);
  answer();
  await landed;
  return { overtaken: order.indexOf('second starts') < order.indexOf('first writes'), reported: order.includes('first reported as failed') };
}

const queue = new PQueue({ concurrency: 1, timeout: 20 });
const limiter = new Bottleneck({ maxConcurrent: 1 });
const lock = new AsyncLock({ maxExecutionTime: 20 });
const seen = {
  'p-queue': await race(task => queue.add(task)),
  bottleneck: await race(task => limiter.schedule({ expiration: 20 }, task)),
  'async-lock': await race(task => lock.acquire('order 1', task)),
};
const both = { overtaken: true, reported: true };
const expected = { 'p-queue': both, bottleneck: both, 'async-lock': both };
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A timed-out write no longer shares its place with the next one. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
