#!/usr/bin/env bash
# A writer that never got the lock frees the lock of the one who has it.
#
# Package: async-mutex@0.5.0
# Surprise: `withTimeout(mutex, ms)` also wraps `release()`. The usual `try { await lock.acquire(); … }
# finally { lock.release(); }` therefore releases even when the wait timed out, and what it releases is the
# lock of the writer that is still at work. Nothing is thrown; a third writer walks in.
# Why it matters: two writers of one record are inside at the same time, exactly when the record is busy. Only
# the function that `acquire()` returned (or `runExclusive`) is tied to its owner; it can be called twice
# without harm.
# Seen:
#   second: "timeout while waiting for mutex to become available"
#   freeWhileHeld: true
#   inside: ["first enters","third enters","first writes"]
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  async-mutex@0.5.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { Mutex, withTimeout } from 'async-mutex';

const lock = withTimeout(new Mutex(), 10);
const inside = [];
let finishFirst;

const first = (async () => {
  const release = await lock.acquire();
  inside.push('first enters');
  await new Promise(resolve => (finishFirst = resolve));
  inside.push('first writes');
  release();
})();

async function lateComer() {
  try {
    await lock.acquire();
    inside.push('second enters');
  } finally {
    lock.release();
  }
}
const second = await lateComer().catch(error => error.message);
const freeWhileHeld = !lock.isLocked();
await lock.runExclusive(() => inside.push('third enters'));
finishFirst();
await first;

const seen = { second, freeWhileHeld, inside };
const expected = {
  second: 'timeout while waiting for mutex to become available',
  freeWhileHeld: true,
  inside: ['first enters', 'third enters', 'first writes'],
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A timed-out waiter no longer frees the lock of its holder. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
