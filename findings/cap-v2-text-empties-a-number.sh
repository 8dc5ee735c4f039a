#!/usr/bin/env bash
# Text in a whole-number field is stored as nothing, with 200 and a new ETag.
#
# Package: @sap/cds@9.9.3, @cap-js-community/odata-v2-adapter@1.15.10, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in
# place of better-sqlite3)
# Surprise: the V2 adapter turns the values of V2 bodies into those of V4. What it cannot read as a whole number
# becomes null and is written: the quantity is gone. "1,500" becomes 1. The same body at the V4 address is a 400.
# Why it matters: V2 clients send text where a form or a csv file has it. A typing error empties a field, a thousands
# separator divides it by a thousand, and both look like a success. Only the record in the answer shows it.
# Seen:
#   V4 "a dozen": {"status":400,"stored":12}
#   V2 "a dozen": {"status":200,"newVersion":true,"stored":null}
#   V2 "1,500": {"status":200,"newVersion":true,"stored":1}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > package.json <<'JSON'
{
  "private": true,
  "dependencies": {
    "@cap-js-community/odata-v2-adapter": "1.15.10",
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
  "log": { "levels": { "cds": "silent", "cov2ap": "silent", "cov2ap/hpm": "silent", "odata": "silent", "error": "silent" } }
}
JSON
cat > service.cds <<'CDS'
entity Orders {
  key ID      : Integer;
      quantity: Integer;
      version : UUID @odata.etag;
}
@path: '/odata/v4/plant'
service Plant {
  entity AllOrders as projection on Orders;
}
CDS

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { once } from 'node:events';
import cds from '@sap/cds';
import v2Adapter from '@cap-js-community/odata-v2-adapter';

cds.root = process.cwd();
cds.on('bootstrap', app => {
  const { listen } = app;
  app.listen = port => listen.call(app, port, '127.0.0.1');
  app.use(v2Adapter());
});
const log = console.log;
console.log = () => {};
const server = await cds.server({ port: 0, in_memory: true, from: 'service.cds' });
if (!server.listening) await once(server, 'listening');
console.log = log;
cds.emit('listening', { server, url: `http://127.0.0.1:${server.address().port}` });
const root = `http://127.0.0.1:${server.address().port}/odata`;

async function call(method, path, body, condition) {
  const headers = { 'content-type': 'application/json', ...condition };
  const response = await fetch(root + path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), body: answer && JSON.parse(answer) };
}

await call('POST', '/v4/plant/AllOrders', { ID: 1 });
async function write(version, quantity) {
  const path = `/${version}/plant/AllOrders(1)`;
  await call('PATCH', '/v4/plant/AllOrders(1)', { quantity: 12 }, { 'if-match': '*' });
  const before = await call('GET', '/v4/plant/AllOrders(1)');
  const { status } = await call('PATCH', path, { quantity }, { 'if-match': before.etag });
  const after = await call('GET', '/v4/plant/AllOrders(1)');
  const stored = after.body.quantity;
  return status < 300 ? { status, newVersion: after.etag !== before.etag, stored } : { status, stored };
}

const seen = {
  'V4 "a dozen"': await write('v4', 'a dozen'),
  'V2 "a dozen"': await write('v2', 'a dozen'),
  'V2 "1,500"': await write('v2', '1,500'),
};
const expected = {
  'V4 "a dozen"': { status: 400, stored: 12 },
  'V2 "a dozen"': { status: 200, newVersion: true, stored: null },
  'V2 "1,500"': { status: 200, newVersion: true, stored: 1 },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Text in a whole-number field is refused now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
