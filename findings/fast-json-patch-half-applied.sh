#!/usr/bin/env bash
# A JSON Patch whose test fails has already changed the record.
#
# Package: fast-json-patch@3.1.1, rfc6902@5.4.0
# Surprise: RFC 6902 (section 5) shows a patch with a failing test as one that changes nothing. Both libraries
# work on the document itself, operation by operation: what stood before the failing `test` stays changed.
# fast-json-patch throws, rfc6902 only returns the error in a list. Besides, fast-json-patch performs
# `replace` on a member that does not exist, unless validation is asked for.
# Why it matters: `test` is the version check of a patch. A cached record or a baseline that was patched like
# this keeps half of the change after the conflict, and the next comparison with it is wrong. Patch a copy
# (`mutateDocument: false`), with validation.
# Seen:
#   fast-json-patch: {"thrown":"TEST_OPERATION_FAILED","order":{"status":"closed","version":8}}
#   rfc6902: {"results":[null,"TestError"],"order":{"status":"closed","version":8}}
#   replace of nothing: {"status":"closed"}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  fast-json-patch@3.1.1 rfc6902@5.4.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import fastJsonPatch from 'fast-json-patch';
import { applyPatch } from 'rfc6902';

const patch = [
  { op: 'replace', path: '/status', value: 'closed' },
  { op: 'test', path: '/version', value: 7 },
];
const order = () => ({ status: 'open', version: 8 });

const one = order();
let thrown;
try {
  fastJsonPatch.applyPatch(one, patch);
} catch (error) {
  thrown = error.name;
}
const two = order();
const results = applyPatch(two, patch);
const created = fastJsonPatch.applyPatch({}, [{ op: 'replace', path: '/status', value: 'closed' }]).newDocument;

const seen = {
  'fast-json-patch': { thrown, order: one },
  rfc6902: { results: results.map(result => result?.name ?? null), order: two },
  'replace of nothing': created,
};
const half = { status: 'closed', version: 8 };
const expected = {
  'fast-json-patch': { thrown: 'TEST_OPERATION_FAILED', order: half },
  rfc6902: { results: [null, 'TestError'], order: half },
  'replace of nothing': { status: 'closed' },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A failing patch leaves the record alone now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
