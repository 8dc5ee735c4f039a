#!/usr/bin/env bash
# A record whose version is empty can only be overwritten blindly.
#
# Package: @sap/cds@9.9.3, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in place of better-sqlite3)
# Surprise: when the version column is null (rows from before it was introduced, or loaded past the service),
# the answer has no ETag and no @odata.etag, yet a PATCH without If-Match is refused with 428 and one with any
# value, even the spellings of null and nothing, with 412. Only `If-Match: *` gets through.
# Why it matters: "take the ETag of the read, demand 428-safe writes" ends in a loop of 428 and 412 for
# exactly the old rows, and the one way out is the one that overwrites everybody else's change. For a UUID the
# first such write gives the row its version.
# Seen:
#   etag: null
#   annotation: null
#   no If-Match: 428
#   W/"null": 412
#   W/"": 412
#   *: 200
#   version afterwards: true
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > package.json <<'JSON'
{
  "private": true,
  "dependencies": {
    "@cap-js/sqlite": "2.4.2",
    "@sap/cds": "9.9.3",
    "express": "4.22.3",
    "sql.js": "1.16.0"
  },
  "overrides": { "better-sqlite3": "npm:sql.js@1.16.0" }
}
JSON
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock

cat > .cdsrc.json <<'JSON'
{
  "requires": {
    "db": { "kind": "sqlite", "impl": "@cap-js/sqlite", "driver": "sql.js", "credentials": { "url": ":memory:" } },
    "auth": { "kind": "mocked", "users": { "*": true } }
  },
  "server": { "index": false },
  "log": { "levels": { "cds": "silent", "odata": "silent", "error": "silent" } }
}
JSON
cat > service.cds <<'CDS'
entity Orders {
  key ID      : Integer;
      status  : String;
      version : UUID @odata.etag;
}
@path: '/plant'
service Plant {
  entity AllOrders as projection on Orders;
}
CDS

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { once } from 'node:events';
import cds from '@sap/cds';

cds.root = process.cwd();
cds.on('bootstrap', app => {
  const { listen } = app;
  app.listen = port => listen.call(app, port, '127.0.0.1');
});
const log = console.log;
console.log = () => {};
const server = await cds.server({ port: 0, in_memory: true, from: 'service.cds' });
if (!server.listening) await once(server, 'listening');
console.log = log;
const root = `http://127.0.0.1:${server.address().port}/plant`;

async function call(method, path, body, condition) {
  const headers = { 'content-type': 'application/json', ...condition };
  const response = await fetch(root + path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), body: answer && JSON.parse(answer) };
}

await cds.ql.INSERT.into('Orders').entries({ ID: 1, status: 'open' });
const path = '/AllOrders(1)';
const patch = async condition => {
  const { status } = await call('PATCH', path, { status: 'closed' }, condition);
  return status;
};
const got = await call('GET', path);

const seen = {
  etag: got.etag,
  annotation: got.body['@odata.etag'] ?? null,
  'no If-Match': await patch(),
  'W/"null"': await patch({ 'if-match': 'W/"null"' }),
  'W/""': await patch({ 'if-match': 'W/""' }),
  '*': await patch({ 'if-match': '*' }),
  'version afterwards': (await call('GET', path)).etag !== null,
};
const expected = {
  etag: null,
  annotation: null,
  'no If-Match': 428,
  'W/"null"': 412,
  'W/""': 412,
  '*': 200,
  'version afterwards': true,
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A record without a version can be updated with a condition now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
