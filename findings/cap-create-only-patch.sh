#!/usr/bin/env bash
# "Create it only if it is not there" is refused because it is not there.
#
# Package: @sap/cds@9.9.3, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in place of better-sqlite3)
# Surprise: `If-None-Match: *` is true when no such record exists. A PUT with it creates the record (201). A
# PATCH with it gets 412, for a record that does not exist just as for one that does.
# Why it matters: 412 is read as "somebody has created it already", and the usual answer is to go on with an
# update. There is nothing to update: the re-read gives 404. Insert with PUT or POST.
# Seen:
#   PATCH of a missing record: 412
#   GET afterwards: 404
#   PUT of a missing record: 201
#   PATCH of an existing record: 412
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

const onlyNew = { 'if-none-match': '*' };
const status = async (...args) => (await call(...args)).status;
const seen = {
  'PATCH of a missing record': await status('PATCH', '/AllOrders(1)', { status: 'open' }, onlyNew),
  'GET afterwards': await status('GET', '/AllOrders(1)'),
  'PUT of a missing record': await status('PUT', '/AllOrders(1)', { status: 'open' }, onlyNew),
  'PATCH of an existing record': await status('PATCH', '/AllOrders(1)', { status: 'open' }, onlyNew),
};
const expected = {
  'PATCH of a missing record': 412,
  'GET afterwards': 404,
  'PUT of a missing record': 201,
  'PATCH of an existing record': 412,
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A PATCH with If-None-Match tells the two cases apart now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
