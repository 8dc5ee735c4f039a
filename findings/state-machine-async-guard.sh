#!/usr/bin/env bash
# A guard that says no asynchronously is taken for a yes.
#
# Package: javascript-state-machine@3.1.0
# Surprise: an `onBefore…` that returns `false` cancels the transition. The same function as `async` returns a
# promise of `false`, and the transition takes place. Only a rejected promise cancels.
# Why it matters: the guard of a status change becomes `async` on the day it has to read the current record.
# From then on it permits everything: the invalid transition is made, and written.
# Seen:
#   returns false: {"allowed":false,"state":"on hold"}
#   async, returns false: {"allowed":true,"state":"closed"}
#   async, throws: {"allowed":"on hold","state":"on hold"}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  javascript-state-machine@3.1.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import StateMachine from 'javascript-state-machine';

async function close(onBeforeClose) {
  const order = new StateMachine({
    init: 'on hold',
    transitions: [{ name: 'close', from: 'on hold', to: 'closed' }],
    methods: { onBeforeClose },
  });
  const allowed = await Promise.resolve(order.close()).catch(error => error.message);
  return { allowed, state: order.state };
}

const seen = {
  'returns false': await close(() => false),
  'async, returns false': await close(async () => false),
  'async, throws': await close(async () => {
    throw new Error('on hold');
  }),
};
const expected = {
  'returns false': { allowed: false, state: 'on hold' },
  'async, returns false': { allowed: true, state: 'closed' },
  'async, throws': { allowed: 'on hold', state: 'on hold' },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('An asynchronous false is respected now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
