#!/usr/bin/env bash
# A weight loses its last decimals when an expression makes text of it.
#
# Package: node-red@4.1.15, node-red-node-test-helper@0.3.6
# Surprise: JSONata (the expressions of the change and switch nodes) writes numbers that are no integers with
# 15 significant digits wherever it makes a string: `&`, `$string(weight)`, `$string(record)`. The number
# itself keeps its 16 or 17 digits, and long integers are written in full.
# Why it matters: an expression that puts together a request body, a URL or a key changes what is long before
# the point or has many decimals (weights, rates), while `payload` in the debug sidebar looks right. Hand over
# numbers, and let JSON.stringify write them.
# Seen:
#   payload.weight: 1234567890.123456
#   $string(payload.weight): "1234567890.12346"
#   "KG " & payload.weight: "KG 1234567890.12346"
#   $string(payload): "{\"weight\":1234567890.12346,\"number\":4500000000000017}"
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


const evaluate = async expression => {
  const rules = [{ t: 'set', p: 'payload', pt: 'msg', to: expression, tot: 'jsonata' }];
  return new Promise((resolve, reject) => {
    helper
      .load(nodes, [
        { id: 'start', type: 'change', rules, wires: [['end']] },
        { id: 'end', type: 'helper' },
      ])
      .then(() => {
        helper.getNode('end').once('input', msg => helper.unload().then(() => resolve(msg.payload), reject));
        helper.getNode('start').receive({ payload: { weight: 1234567890.123456, number: 4500000000000017 } });
      }, reject);
  });
};

const seen = {};
const expressions = ['payload.weight', '$string(payload.weight)', '"KG " & payload.weight', '$string(payload)'];
for (const expression of expressions) seen[expression] = await evaluate(expression);
const expected = {
  'payload.weight': 1234567890.123456,
  '$string(payload.weight)': '1234567890.12346',
  '"KG " & payload.weight': 'KG 1234567890.12346',
  '$string(payload)': '{"weight":1234567890.12346,"number":4500000000000017}',
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Numbers keep their digits as text now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
await helper.stopServer();
JS

node probe.mjs
