#!/usr/bin/env bash
# The same service checks If-Match at its OData address, and takes any If-Match at its REST address.
#
# Package: @sap/cds@10.1.1, @cap-js/sqlite@3.1.1 (with sql.js@1.16.0), on node@24.21.0
# Surprise: one entity with `@odata.etag`, served by `@protocol: ['odata', 'rest']`. OData answers 428 without
# If-Match and 412 to an outdated one. At the REST address of the same entity no answer has an ETag, and a PATCH
# with an outdated If-Match is carried out. A version of type UUID is not even renewed by that write, nor by one
# that code of the service makes, so that a client of the OData address with the old ETag overwrites it.
# Why it matters: a version protects nothing that comes in by another door, and does not show that it did.
# Seen:
#   odata: {"withoutIfMatch":428,"outdated":412}
#   rest: {"etag":null,"outdated":200}
#   afterRest: {"sameETag":true,"oldETagAtOData":200}
#   afterCode: {"sameETag":true}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > package.json <<'JSON'
{
  "private": true,
  "dependencies": {
    "@cap-js/sqlite": "3.1.1",
    "@sap/cds": "10.1.1",
    "express": "4.22.3",
    "node": "24.21.0",
    "sql.js": "1.16.0"
  },
  "overrides": { "better-sqlite3": "npm:sql.js@1.16.0" }
}
JSON
npm install --silent --no-audit --no-fund --no-package-lock

cat > .cdsrc.json <<'JSON'
{
  "requires": {
    "db": { "kind": "sqlite", "impl": "@cap-js/sqlite", "driver": "sql.js", "credentials": { "url": ":memory:" } },
    "auth": { "kind": "mocked", "users": { "*": true } }
  },
  "server": { "index": false },
  "log": { "levels": { "cds": "silent", "odata": "silent", "rest": "silent", "error": "silent" } }
}
JSON
cat > service.cds <<'CDS'
entity Carriers {
  key ID      : Integer;
      name    : String;
      version : UUID @odata.etag;
}
@protocol: [
  { kind: 'odata', path: '/odata' },
  { kind: 'rest', path: '/rest' }
]
service Plant {
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
const root = `http://127.0.0.1:${server.address().port}`;

async function call(method, path, name, etag) {
  const headers = { 'content-type': 'application/json', ...(etag ? { 'if-match': etag } : {}) };
  const body = name === undefined ? undefined : JSON.stringify({ name });
  const response = await fetch(root + path, { method, headers, body });
  await response.text();
  return { status: response.status, etag: response.headers.get('etag') };
}

const ODATA = '/odata/AllCarriers(1)';
const REST = '/rest/AllCarriers/1';
await fetch(`${root}/odata/AllCarriers`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ID: 1, name: 'North' }),
});

const first = await call('GET', ODATA);
await call('PATCH', ODATA, 'South', first.etag);
const odata = {
  withoutIfMatch: (await call('PATCH', ODATA, 'East')).status,
  outdated: (await call('PATCH', ODATA, 'East', first.etag)).status,
};
const before = await call('GET', ODATA);
const rest = {
  etag: (await call('GET', REST)).etag,
  outdated: (await call('PATCH', REST, 'West', first.etag)).status,
};
const after = await call('GET', ODATA);
const afterRest = {
  sameETag: after.etag === before.etag,
  oldETagAtOData: (await call('PATCH', ODATA, 'Centre', before.etag)).status,
};
const last = await call('GET', ODATA);
await cds.services.Plant.tx({}, tx => tx.update('AllCarriers', 1).with({ name: 'By code' }));
const afterCode = { sameETag: (await call('GET', ODATA)).etag === last.etag };

const seen = { odata, rest, afterRest, afterCode };
const expected = {
  odata: { withoutIfMatch: 428, outdated: 412 },
  rest: { etag: null, outdated: 200 },
  afterRest: { sameETag: true, oldETagAtOData: 200 },
  afterCode: { sameETag: true },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('The REST address minds versions now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node_modules/.bin/node probe.mjs
