#!/usr/bin/env bash
# The read after a conflict is answered from memory, with the version that was refused.
#
# Package: axios@1.21.1, axios-cache-interceptor@1.12.3
# Surprise: an answer without caching headers is kept for five minutes, a PATCH through the same client does
# not end that, and neither a `Cache-Control: no-cache` nor an `If-None-Match` of the request is looked at:
# nothing is sent. Besides, all callers get the same object, so that one who edits "the record" edits what the
# next one reads.
# Why it matters: 412, read again, same ETag, 412, … until the retries are used up; and the baseline already
# contains the change that was never written. Reads that are to lead to an update need `cache: false`.
# Seen:
#   update: 204
#   after: "\"1\""
#   conflict: 412
#   noCache: "\"1\""
#   ifNoneMatch: "\"1\""
#   shared: 99
#   readsSoFar: 1
#   uncached: "\"2\""
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  axios@1.21.1 axios-cache-interceptor@1.12.3

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import axios from 'axios';
import { setupCache } from 'axios-cache-interceptor';

async function serve(answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

let version = 1;
let reads = 0;
const { url, close } = await serve(async (req, res) => {
  await text(req);
  if (req.method === 'PATCH') {
    const stale = req.headers['if-match'] !== `"${version}"`;
    if (!stale) version += 1;
    return res.writeHead(stale ? 412 : 204).end();
  }
  reads += 1;
  res.writeHead(200, { etag: `"${version}"`, 'content-type': 'application/json' }).end('{"quantity":5}');
});
const client = setupCache(axios.create({ validateStatus: () => true }));
const read = async options => (await client.get(url, options)).headers.etag;
const patch = async etag => (await client.patch(url, { quantity: 6 }, { headers: { 'If-Match': etag } })).status;

const first = await client.get(url);
first.data.quantity = 99;
const update = await patch(first.headers.etag);
const after = await read();
const conflict = await patch(after);
const noCache = await read({ headers: { 'Cache-Control': 'no-cache' } });
const ifNoneMatch = await read({ headers: { 'If-None-Match': '"0"' } });
const shared = (await client.get(url)).data.quantity;
const readsSoFar = reads;
const uncached = await read({ cache: false });
close();
const seen = { update, after, conflict, noCache, ifNoneMatch, shared, readsSoFar, uncached };
const expected = {
  update: 204,
  after: '"1"',
  conflict: 412,
  noCache: '"1"',
  ifNoneMatch: '"1"',
  shared: 99,
  readsSoFar: 1,
  uncached: '"2"',
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('The re-read reaches the server now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
