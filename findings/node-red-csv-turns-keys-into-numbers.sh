#!/usr/bin/env bash
# The CSV node keeps the zeros of 007 and breaks the other keys.
#
# Package: node-red@4.1.15, node-red-node-test-helper@0.3.6
# Surprise: "parse numerical values" spares values with leading zeros, which makes it look safe for keys. But
# order number 12E3 becomes 12000, an 18-digit document number is rounded, and quoting the value in the file
# does not help. Hexadecimal text stays text in the one mode of the node and becomes a number in the other.
# Why it matters: the update goes to another record, or to none, for the few keys that look like a number; a
# test file with 007 in it passes. Switch the option off and convert the quantities by name.
# Seen:
#   older mode: ["007",12000,12000,450000000000000000,"0x10"]
#   RFC 4180 mode: ["007",12000,12000,450000000000000000,16]
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
const nodes = ['parsers/70-CSV'].map(file => require(`@node-red/nodes/core/${file}`));
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

const csv = {
  id: 'start',
  type: 'csv',
  sep: ',',
  hdrin: true,
  multi: 'mult',
  skip: '0',
  strings: true,
  ret: '\\n',
  temp: '',
  wires: [['end']],
};
const keys = ['007', '12E3', '"12E3"', '450000000000000017', '0x10'];
const text = `a,b,c,d,e\n${keys.join(',')}\n`;
const parse = async spec => {
  const [rows] = await run([{ ...csv, spec }], [{ payload: text }], 'a\n1\n');
  return Object.values(rows[0]);
};

const seen = { 'older mode': await parse(''), 'RFC 4180 mode': await parse('rfc') };
const expected = {
  'older mode': ['007', 12000, 12000, 450000000000000000, '0x10'],
  'RFC 4180 mode': ['007', 12000, 12000, 450000000000000000, 16],
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Keys are parsed differently now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
await helper.stopServer();
JS

node probe.mjs
