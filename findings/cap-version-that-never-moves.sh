#!/usr/bin/env bash
# An ETag that is a number stays the same after every write.
#
# Package: @sap/cds@9.9.3, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in place of better-sqlite3)
# Surprise: CAP renews an `@odata.etag` of type UUID with each write, and one filled from $now. An integer
# (the natural "version" column) is published in the ETag, demanded with 428 and compared with If-Match, but
# nobody counts it up. A PATCH answers with the ETag it was sent.
# Why it matters: every If-Match succeeds, for ever; optimistic locking looks complete in each single answer
# and protects nothing. A client can notice: a write whose new ETag equals the one it sent.
# Seen:
#   withoutIfMatch: 428
#   integer: {"first":200,"etagMoved":false,"secondWithTheSameEtag":200}
#   uuid: {"first":200,"etagMoved":true,"secondWithTheSameEtag":412}
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
      version : Integer @odata.etag;
}
entity Carriers {
  key ID      : Integer;
      name    : String;
      version : UUID @odata.etag;
}
@path: '/plant'
service Plant {
  entity AllOrders   as projection on Orders;
  entity AllCarriers as projection on Carriers;
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

await call('POST', '/AllOrders', { ID: 1, status: 'open', version: 1 });
await call('POST', '/AllCarriers', { ID: 1, name: 'North' });
const twice = async (path, one, two) => {
  const { etag } = await call('GET', path);
  const first = await call('PATCH', path, one, { 'if-match': etag });
  const second = await call('PATCH', path, two, { 'if-match': etag });
  return { first: first.status, etagMoved: first.etag !== etag, secondWithTheSameEtag: second.status };
};

const seen = {
  withoutIfMatch: (await call('PATCH', '/AllOrders(1)', { status: 'x' })).status,
  integer: await twice('/AllOrders(1)', { status: 'closed' }, { status: 'reopened' }),
  uuid: await twice('/AllCarriers(1)', { name: 'South' }, { name: 'East' }),
};
const expected = {
  withoutIfMatch: 428,
  integer: { first: 200, etagMoved: false, secondWithTheSameEtag: 200 },
  uuid: { first: 200, etagMoved: true, secondWithTheSameEtag: 412 },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A version that is a number moves now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
