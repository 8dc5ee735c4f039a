#!/usr/bin/env bash
# One conflict on one record opens the circuit for all records.
#
# Package: opossum@9.0.0
# Surprise: `volumeThreshold` is 0, so that the very first call decides: one rejected call is a failure rate
# of 100 %, above the default of 50 %. Whatever the reason of the rejection, 412 included.
# Why it matters: after a start (or a quiet rolling window), the first ordinary version conflict makes the
# breaker refuse all updates for `resetTimeout` (30 s). Conflicts have to be resolved values, or filtered with
# `errorFilter`.
# Seen:
#   byDefault: ["412 Precondition Failed","Breaker is open"]
#   withErrorFilter: ["412 Precondition Failed","updated"]
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  opossum@9.0.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import CircuitBreaker from 'opossum';

const update = async order => {
  if (order === 'stale') throw Object.assign(new Error('412 Precondition Failed'), { status: 412 });
  return 'updated';
};
async function two(options) {
  const breaker = new CircuitBreaker(update, options);
  const answers = [];
  for (const order of ['stale', 'fresh']) answers.push(await breaker.fire(order).catch(error => error.message));
  breaker.shutdown();
  return answers;
}

const seen = {
  byDefault: await two({}),
  withErrorFilter: await two({ errorFilter: error => error.status === 412 }),
};
const expected = {
  byDefault: ['412 Precondition Failed', 'Breaker is open'],
  withErrorFilter: ['412 Precondition Failed', 'updated'],
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('One failed call no longer opens the circuit. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
