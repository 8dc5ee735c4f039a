#!/usr/bin/env bash
# A part that was rolled back reports 200, its new values and a new ETag.
#
# Package: @sap/cds@9.9.3, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in place of better-sqlite3)
# Surprise: in a JSON $batch, one failing request rolls its atomicity group back. The other members of the
# group still answer as if they had been stored: 200, the changed record, an ETag that no record ever has.
# Only the failing member carries an error.
# Why it matters: results are usually read part by part. Here that reports updates which did not happen, and
# the ETag that is kept for the next one is answered with 412. A group counts only when all its members
# succeeded.
# Seen:
#   batch: 200
#   first: {"status":200,"says":"closed","newEtag":true}
#   second: 412
#   stored: {"says":"open","etagMoved":false}
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

await call('POST', '/AllOrders', { ID: 1, status: 'open' });
await call('POST', '/AllOrders', { ID: 2, status: 'open' });
const { etag } = await call('GET', '/AllOrders(1)');
const part = (id, condition) => ({
  id: String(id),
  atomicityGroup: 'both',
  method: 'PATCH',
  url: `/AllOrders(${id})`,
  headers: { 'content-type': 'application/json', 'if-match': condition },
  body: { status: 'closed' },
});
const batch = await call('POST', '/$batch', { requests: [part(1, etag), part(2, 'W/"stale"')] });
const [first, second] = batch.body.responses;
const after = await call('GET', '/AllOrders(1)');

const seen = {
  batch: batch.status,
  first: { status: first.status, says: first.body.status, newEtag: first.headers.etag !== etag },
  second: second.status,
  stored: { says: after.body.status, etagMoved: after.etag !== etag },
};
const expected = {
  batch: 200,
  first: { status: 200, says: 'closed', newEtag: true },
  second: 412,
  stored: { says: 'open', etagMoved: false },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Members of a failed group report the failure now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
