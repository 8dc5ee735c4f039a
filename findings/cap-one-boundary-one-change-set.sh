#!/usr/bin/env bash
# Two change sets with the same boundary: the second one is neither executed nor answered.
#
# Package: @sap/cds@9.9.3, @cap-js/sqlite@2.4.2 (with sql.js@1.16.0 in place of better-sqlite3)
# Surprise: a multipart $batch holds two change sets that follow each other. MIME lets both use the same boundary
# (one is closed before the other begins). When the first one fails, the second is dropped: no part answers it and its
# record is as before, even with `Prefer: odata.continue-on-error`. With two names it runs and is answered.
# Why it matters: a client that uses a constant such as `changeset` gives each record a change set of its own and
# still loses the others with the first outdated one, without a word. Whoever reads parts by position takes the one
# answer for the only request, or for another one's.
# Seen:
#   different boundaries: {"batch":200,"answers":["1: 412","2: 200"],"second":"closed"}
#   the same boundary: {"batch":200,"answers":["1: 412"],"second":"open"}
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

const part = (boundary, id, condition) =>
  [
    '--batch',
    `Content-Type: multipart/mixed;boundary=${boundary}`,
    '',
    `--${boundary}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    `Content-ID: ${id}`,
    '',
    `PATCH AllOrders(${id}) HTTP/1.1`,
    'Content-Type: application/json',
    `If-Match: ${condition}`,
    '',
    '{"status":"closed"}',
    `--${boundary}--`,
    '',
  ].join('\r\n');

async function play(boundaries) {
  for (const ID of [1, 2]) await call('PUT', `/AllOrders(${ID})`, { status: 'open' }, { 'if-match': '*' });
  const { etag } = await call('GET', '/AllOrders(2)');
  const sets = [part(boundaries[0], 1, 'W/"stale"'), part(boundaries[1], 2, etag)];
  const headers = { 'content-type': 'multipart/mixed;boundary=batch', prefer: 'odata.continue-on-error' };
  const response = await fetch(`${root}/$batch`, { method: 'POST', headers, body: `${sets.join('')}--batch--\r\n` });
  const answer = await response.text();
  const found = answer.matchAll(/content-id: (\d)\s+HTTP\/1\.1 (\d{3})/gi);
  const { body } = await call('GET', '/AllOrders(2)');
  return { batch: response.status, answers: [...found].map(([, id, status]) => `${id}: ${status}`), second: body.status };
}

for (const ID of [1, 2]) await call('POST', '/AllOrders', { ID, status: 'open' });
const seen = {
  'different boundaries': await play(['set_1', 'set_2']),
  'the same boundary': await play(['set', 'set']),
};
const expected = {
  'different boundaries': { batch: 200, answers: ['1: 412', '2: 200'], second: 'closed' },
  'the same boundary': { batch: 200, answers: ['1: 412'], second: 'open' },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('The second change set is executed now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
server.closeAllConnections();
server.close();
process.exit();
JS

node probe.mjs
