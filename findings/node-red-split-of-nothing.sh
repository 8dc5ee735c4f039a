#!/usr/bin/env bash
# An order without lines leaves the flow at the split node.
#
# Package: node-red@4.1.15, node-red-node-test-helper@0.3.6
# Surprise: splitting an empty array or an empty object sends no message, so that the join behind it sends
# none either. (An empty string does come through.) There is no error.
# Why it matters: "split the lines, update each, join, then set the order to done" never gets to the last step
# for an order without lines: it stays open, and an acknowledgement that is due at the end is not sent.
# Seen:
#   [{"line":1}]: [[{"line":1}]]
#   []: []
#   {}: []
#   "": [""]
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
const nodes = ['sequence/17-split'].map(file => require(`@node-red/nodes/core/${file}`));
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

const flow = [
  { id: 'start', type: 'split', splt: '\\n', spltType: 'str', arraySplt: 1, arraySpltType: 'len', property: 'payload', wires: [['collect']] },
  { id: 'collect', type: 'join', mode: 'auto', build: 'string', property: 'payload', propertyType: 'msg', joiner: '\\n', joinerType: 'str', wires: [['end']] },
];
const seen = {};
for (const payload of [[{ line: 1 }], [], {}, '']) seen[JSON.stringify(payload)] = await run(flow, [{ payload }], ['last']);
const expected = { '[{"line":1}]': [[{ line: 1 }]], '[]': [], '{}': [], '""': [''] };
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('An empty array comes through a split now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
await helper.stopServer();
JS

node probe.mjs
