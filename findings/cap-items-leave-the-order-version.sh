#!/usr/bin/env bash
# The lines of an order change, the ETag of the order does not.
#
# Package: @sap/cds@9.9.3, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in place of better-sqlite3)
# Surprise: a composition is one document in CAP (deleted, read and written deep with its parent), but a line
# that is changed by itself, or by the path through its order, leaves the version of the order as it was. An
# If-Match on that path is not compared with anything when the line has no ETag of its own: a stale one gets
# 200.
# Why it matters: A reads the order with its lines, B changes a line, A writes the order with its lines under
# the ETag it has: 200, and B's line is gone. The ETag of a document protects its own columns only; give lines
# an ETag too, or compare them before a deep write.
# Seen:
#   line with a stale If-Match: 200
#   version of the order moved: false
#   deep write under the old version: 200
#   quantity written by B: "lost"
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
  key ID         : Integer;
      status     : String;
      lines      : Composition of many Lines on lines.parent = $self;
      modifiedAt : Timestamp @odata.etag  @cds.on.insert: $now  @cds.on.update: $now;
}
entity Lines {
  key ID       : Integer;
      parent   : Association to Orders;
      quantity : Integer;
}
@path: '/plant'
service Plant {
  entity AllOrders as projection on Orders;
  entity AllLines  as projection on Lines;
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

const order = '/AllOrders(1)';
await call('POST', '/AllOrders', { ID: 1, status: 'open', lines: [{ ID: 11, quantity: 1 }] });
const readByA = await call('GET', `${order}?$expand=lines`);
const line = await call('PATCH', `${order}/lines(11)`, { quantity: 500 }, { 'if-match': 'W/"2001-01-01T00:00:00.000Z"' });
const afterB = await call('GET', order);
const lines = readByA.body.lines.map(({ ID, quantity }) => ({ ID, quantity }));
const deep = await call('PATCH', order, { status: 'released', lines }, { 'if-match': readByA.etag });
const end = await call('GET', `${order}?$expand=lines`);

const seen = {
  'line with a stale If-Match': line.status,
  'version of the order moved': afterB.etag !== readByA.etag,
  'deep write under the old version': deep.status,
  'quantity written by B': end.body.lines[0].quantity === 500 ? 'kept' : 'lost',
};
const expected = {
  'line with a stale If-Match': 200,
  'version of the order moved': false,
  'deep write under the old version': 200,
  'quantity written by B': 'lost',
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A change of a line is a change of its order now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
