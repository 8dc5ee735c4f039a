#!/usr/bin/env bash
# A record whose date has changed does not pass the filter node.
#
# Package: node-red@4.1.15, node-red-node-test-helper@0.3.6
# Surprise: the filter node ("block unless value changes") compares objects by their own keys, and a Date has
# none: all dates are equal. A new due date in an otherwise equal record is no change, and a payload that is a
# Date is never passed on, not even the first one. The same dates as ISO strings work.
# Why it matters: dates come as Date objects from database nodes and from function nodes. Put before an update
# to spare calls, the filter swallows every rescheduling, without an error.
# Seen:
#   record with a Date: 1
#   Date alone: 0
#   record with a string: 3
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  node-red@4.1.15 node-red-node-test-helper@0.3.6

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { createRequire } from 'node:module';
import helper from 'node-red-node-test-helper';

const require = createRequire(import.meta.url);
helper.init(require.resolve('node-red'));
const nodes = ['function/rbe'].map(file => require(`@node-red/nodes/core/${file}`));
await helper.startServer();

/** The payloads at the end of a flow (the node `end`), up to the message `last`, which goes the same way. */
async function run(flow, messages, last) {
  await helper.load(nodes, [...flow, { id: 'end', type: 'helper' }]);
  const payloads = [];
  await new Promise(resolve => {
    helper.getNode('end').on('input', msg => {
      if (msg.last) resolve();
      else payloads.push(structuredClone(msg.payload));
    });
    for (const msg of [...messages, { payload: last, last: true }]) helper.getNode('start').receive(msg);
  });
  await helper.unload();
  return payloads;
}

const filter = { id: 'start', type: 'rbe', func: 'rbe', property: 'payload', topi: 'topic', wires: [['end']] };
const days = ['2026-03-01', '2026-04-01', '2026-05-01'];
const through = async toPayload => (await run([filter], days.map(day => ({ payload: toPayload(day) })), 'last')).length;

const seen = {
  'record with a Date': await through(day => ({ id: 1, dueAt: new Date(day) })),
  'Date alone': await through(day => new Date(day)),
  'record with a string': await through(day => ({ id: 1, dueAt: day })),
};
const expected = { 'record with a Date': 1, 'Date alone': 0, 'record with a string': 3 };
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A changed Date passes the filter now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
await helper.stopServer();
JS

node probe.mjs
