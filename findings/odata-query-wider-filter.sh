#!/usr/bin/env bash
# A filter made of parts selects more records than each part allows.
#
# Package: odata-query@8.1.0
# Surprise: raw filters in an array are joined with `and` but without parentheses, and `and` binds tighter
# than `or`: the condition that was to restrict only restricts the last alternative. And a condition whose
# value is undefined is left out without a word.
# Why it matters: "the open or late orders of plant 10" becomes all open orders of every plant. What reads too
# much is one thing; what then updates, closes or locks what it found is another.
# Seen:
#   strings in an array: "?$filter=status eq 'open' or status eq 'late' and plant eq '10'"
#   undefined value: "?$filter=status eq 'open'"
#   undefined alternative: "?$filter=((status eq 'open'))"
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  odata-query@8.1.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import buildQueryModule from 'odata-query';

const buildQuery = buildQueryModule.default ?? buildQueryModule;
const plant = undefined;
const seen = {
  'strings in an array': buildQuery({ filter: ["status eq 'open' or status eq 'late'", "plant eq '10'"] }),
  'undefined value': buildQuery({ filter: { status: 'open', plant } }),
  'undefined alternative': buildQuery({ filter: { or: [{ status: 'open' }, { plant }] } }),
};
const expected = {
  'strings in an array': "?$filter=status eq 'open' or status eq 'late' and plant eq '10'",
  'undefined value': "?$filter=status eq 'open'",
  'undefined alternative': "?$filter=((status eq 'open'))",
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Joined filters keep their meaning now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
