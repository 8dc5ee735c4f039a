#!/usr/bin/env bash
# A document is deleted although the revision in If-Match is an old one, and not updated although it is the latest.
#
# Package: express-pouchdb@4.2.0 (with pouchdb-core 9.0.0 in memory, express 4.22.1)
# Surprise: the server speaks CouchDB's protocol, in which a revision may come as `_rev`, as `?rev=` or in If-Match. Here
# the header counts for nothing: a PUT that carries the latest revision there is 409, and a DELETE with an old or an
# unknown one is 200, as is a DELETE without any. `?rev=` is checked. The ETag of a read is no revision either, but a
# weak one made from the text of the answer; that of the answer to a PUT is the revision.
# Why it matters: one cannot tell from the protocol's name which of its three places a server looks at. What an edge
# server deletes under a condition is gone whatever somebody else wrote meanwhile, and with the ETag of the read as
# condition no update ever gets through.
# Seen:
#   the read's ETag names the revision: false
#   PUT, latest revision in If-Match: 409
#   PUT, latest revision in the body: 201
#   DELETE, old revision in If-Match: 200
#   DELETE, unknown revision in If-Match: 200
#   DELETE, no revision: 200
#   DELETE, old revision in the query: 409
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  express@4.22.1 express-pouchdb@4.2.0 pouchdb-core@9.0.0 pouchdb-adapter-memory@9.0.0 pouchdb-mapreduce@9.0.0

cat > probe.cjs <<'JS'
const { once } = require('node:events');
const { isDeepStrictEqual } = require('node:util');
const PouchDB = require('pouchdb-core')
  .plugin(require('pouchdb-adapter-memory'))
  .plugin(require('pouchdb-mapreduce'))
  .defaults({ adapter: 'memory' });
const server = require('express')()
  .use(require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: 'log.txt' }))
  .listen(0, '127.0.0.1');

async function call(method, path, body, condition) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/orders${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(condition && { 'if-match': `"${condition}"` }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), rev: JSON.parse(text).rev };
}

/** An order that was written twice. */
async function order(id) {
  const old = (await call('PUT', `/${id}`, { status: 'new' })).rev;
  const latest = (await call('PUT', `/${id}`, { _rev: old, status: 'released' })).rev;
  return { path: `/${id}`, old, latest };
}

async function main() {
  await once(server, 'listening');
  await call('PUT', '');
  const [a, b, c, d, e] = await Promise.all(['1', '2', '3', '4', '5'].map(order));
  const read = await call('GET', a.path);
  const seen = {
    "the read's ETag names the revision": read.etag.includes(a.latest),
    'PUT, latest revision in If-Match': (await call('PUT', a.path, { status: 'shipped' }, a.latest)).status,
    'PUT, latest revision in the body': (await call('PUT', a.path, { _rev: a.latest, status: 'shipped' })).status,
    'DELETE, old revision in If-Match': (await call('DELETE', b.path, undefined, b.old)).status,
    'DELETE, unknown revision in If-Match': (await call('DELETE', c.path, undefined, '9-abc')).status,
    'DELETE, no revision': (await call('DELETE', d.path)).status,
    'DELETE, old revision in the query': (await call('DELETE', `${e.path}?rev=${e.old}`)).status,
  };
  const expected = {
    "the read's ETag names the revision": false,
    'PUT, latest revision in If-Match': 409,
    'PUT, latest revision in the body': 201,
    'DELETE, old revision in If-Match': 200,
    'DELETE, unknown revision in If-Match': 200,
    'DELETE, no revision': 200,
    'DELETE, old revision in the query': 409,
  };
  for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
  if (!isDeepStrictEqual(seen, expected)) {
    console.error('If-Match is looked at now. The behaviour has changed; expected:');
    console.error(JSON.stringify(expected, null, 2));
    process.exitCode = 1;
  }
  server.close();
  server.closeAllConnections();
}

main().then(() => process.exit());
JS

node probe.cjs
