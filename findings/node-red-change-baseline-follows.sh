#!/usr/bin/env bash
# The kept copy of a record changes together with the record.
#
# Package: node-red@4.1.15, node-red-node-test-helper@0.3.6
# Surprise: "Set msg.before to msg.payload" in a change node does not copy, and neither does keeping it in
# flow context: both names mean the same object. The next rule that sets a field of the payload sets it in the
# baseline, too. Only a rule with "Deep copy value" ticked copies.
# Why it matters: the comparison "what did I read, what do I want, what is there now" finds nothing to write,
# or takes one's own change for somebody else's. A snapshot needs the deep copy.
# Seen:
#   in the message: [5,5]
#   in flow context: [5,5]
#   with deep copy: [1,5]
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
const nodes = ['function/15-change'].map(file => require(`@node-red/nodes/core/${file}`));
await helper.startServer();


const set = (p, pt, to, tot, dc) => ({ t: 'set', p, pt, to, tot, ...(dc && { dc }) });
const change = (id, rules, next) => ({ id, z: 'tab', type: 'change', rules, wires: [[next]] });
const tab = { id: 'tab', type: 'tab' };
const edit = set('payload.quantity', 'msg', '5', 'num');
const report = set('payload', 'msg', '[before.quantity, payload.quantity]', 'jsonata');
const record = () => [{ payload: { quantity: 1 } }];
const keep = async (rules, later = []) => {
  const flow = [tab, change('start', rules, 'next'), change('next', [...later, report], 'end')];
  return new Promise((resolve, reject) => {
    helper.load(nodes, [...flow, { id: 'end', z: 'tab', type: 'helper' }]).then(() => {
      helper.getNode('end').once('input', msg => helper.unload().then(() => resolve(msg.payload), reject));
      helper.getNode('start').receive(record()[0]);
    }, reject);
  });
};

const seen = {
  'in the message': await keep([set('before', 'msg', 'payload', 'msg'), edit]),
  'in flow context': await keep(
    [set('before', 'flow', 'payload', 'msg'), edit],
    [set('before', 'msg', 'before', 'flow')],
  ),
  'with deep copy': await keep([set('before', 'msg', 'payload', 'msg', true), edit]),
};
const expected = { 'in the message': [5, 5], 'in flow context': [5, 5], 'with deep copy': [1, 5] };
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A kept record stays as it was now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
await helper.stopServer();
JS

node probe.mjs
