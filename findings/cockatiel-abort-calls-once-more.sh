#!/usr/bin/env bash
# An aborted retry sleeps on and then sends the write once more.
#
# Package: cockatiel@4.0.0
# Surprise: the signal given to `retry().execute(fn, signal)` is not looked at while the policy waits between
# two attempts. After the abort the whole delay passes, `fn` is called again (with an already aborted signal
# in its context), and only then the error comes out.
# Why it matters: "stop" on shutdown or redeploy is followed by one more write, after as long a wait as the
# backoff has reached, unless the function itself checks `context.signal.aborted` first.
# Seen:
#   calls: [{"aborted":false},{"aborted":true}]
#   outcome: "503"
#   sleptTheWholeDelay: true
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  cockatiel@4.0.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { ConstantBackoff, handleAll, retry } from 'cockatiel';

const stop = new AbortController();
const calls = [];
const policy = retry(handleAll, { maxAttempts: 5, backoff: new ConstantBackoff(100) });
const begun = performance.now();
const outcome = await policy
  .execute(({ signal }) => {
    calls.push({ aborted: signal.aborted });
    setImmediate(() => stop.abort());
    throw new Error('503');
  }, stop.signal)
  .catch(error => error.message);

const seen = { calls, outcome, sleptTheWholeDelay: performance.now() - begun > 95 };
const expected = { calls: [{ aborted: false }, { aborted: true }], outcome: '503', sleptTheWholeDelay: true };
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('An aborted retry ends at once now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
