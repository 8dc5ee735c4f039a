#!/usr/bin/env bash
# A version conflict is not an error but the value false; so is a duplicate.
#
# Package: dynamics-web-api@2.5.0
# Surprise: `update` and `deleteRecord` with `ifmatch` turn every 412 into a resolved `false`, whatever the
# code in the body: a stale version (0x80060882) and a duplicate key (0x80040237) look alike and the message
# is gone. `upsert` with the same `ifmatch` rejects; with `ifnonematch` it resolves to null. Without
# `ifmatch`, `update` sends `If-Match: *`.
# Why it matters: an `await update(…)` without looking at its result, in a try block, reports the lost update
# as done. And a retry that re-reads after `false` goes on for ever when the reason is a duplicate.
# Seen:
#   update without ifmatch: {"resolved":true,"condition":"*"}
#   update, stale: {"resolved":false}
#   delete, stale: {"resolved":false}
#   upsert, stale: {"rejected":"0x80060882"}
#   update, duplicate: {"resolved":false}
#   upsert, duplicate: {"resolved":null}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  dynamics-web-api@2.5.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DynamicsWebApi } from 'dynamics-web-api';

async function serve(answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

let refusal;
let condition;
const { url, close } = await serve(async (req, res) => {
  await text(req);
  condition = req.headers['if-match'] ?? null;
  const headers = { 'content-type': 'application/json', 'odata-version': '4.0' };
  if (refusal === undefined) return res.writeHead(204, headers).end();
  res.writeHead(412, headers).end(JSON.stringify({ error: { code: refusal, message: 'refused' } }));
});
const api = new DynamicsWebApi({ serverUrl: url, dataApi: { version: '9.2' } });
const key = '00000000-0000-0000-0000-000000000001';
const record = { collection: 'accounts', key };
const write = { ...record, data: { name: 'Plant 10' } };
const settle = promise => promise.then(value => ({ resolved: value }), error => ({ rejected: error.code }));

const seen = { 'update without ifmatch': { ...(await settle(api.update(write))), condition } };
const ifmatch = 'W/"1"';
refusal = '0x80060882';
seen['update, stale'] = await settle(api.update({ ...write, ifmatch }));
seen['delete, stale'] = await settle(api.deleteRecord({ ...record, ifmatch }));
seen['upsert, stale'] = await settle(api.upsert({ ...write, ifmatch }));
refusal = '0x80040237';
seen['update, duplicate'] = await settle(api.update({ ...write, ifmatch }));
seen['upsert, duplicate'] = await settle(api.upsert({ ...write, ifnonematch: '*' }));
close();
const expected = {
  'update without ifmatch': { resolved: true, condition: '*' },
  'update, stale': { resolved: false },
  'delete, stale': { resolved: false },
  'upsert, stale': { rejected: '0x80060882' },
  'update, duplicate': { resolved: false },
  'upsert, duplicate': { resolved: null },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A 412 is reported differently now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
