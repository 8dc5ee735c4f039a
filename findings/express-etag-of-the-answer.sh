#!/usr/bin/env bash
# The ETag in the answer to a PATCH is not the version of the record.
#
# Package: express@4.22.3, express@5.3.0
# Surprise: Express tags every body it sends, whatever the method or status: the ETag of `{"ok":true}` after a
# PATCH, of the error body of a 409, even of the body that a 204 leaves out. It is a hash of that answer, the
# same for every record and every write. The GET has another one, and If-Match is never looked at.
# Why it matters: a client that takes the ETag of a successful write for the new version holds a value that
# the record never has. A version from a write is to be believed only when the answer carries the record.
# Seen:
#   Express 4: {"first":"200 W/\"b-Ai2R8hgEarLmHKwesT1qcY913ys\"","second":"200 W/\"b-Ai2R8hgEarLmHKwesT1qcY913ys\"",
#       "got":"200 W/\"15-0OAg+Hgtbdo6PJVcmr3InVvM28E\"","silent":"204 W/\"b-Ai2R8hgEarLmHKwesT1qcY913ys\"",
#       "closed":"409 W/\"b-Ai2R8hgEarLmHKwesT1qcY913ys\""}
#   Express 5: the same
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  express@4.22.3 express5@npm:express@5.3.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { once } from 'node:events';
import express4 from 'express';
import express5 from 'express5';

async function etags(express) {
  const order = { id: 1, quantity: 1 };
  const app = express();
  app.use(express.json());
  app.get('/order', (_req, res) => res.json(order));
  app.patch('/order', (req, res) => res.json({ ok: Boolean(Object.assign(order, req.body)) }));
  app.patch('/silent', (_req, res) => res.status(204).json({ ok: true }));
  app.patch('/closed', (_req, res) => res.status(409).json({ ok: true }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const call = async (method, path, body) => {
    const headers = { 'content-type': 'application/json', 'if-match': '"stale"' };
    const url = `http://127.0.0.1:${server.address().port}${path}`;
    const response = await fetch(url, { method, headers, body });
    await response.arrayBuffer();
    return `${response.status} ${response.headers.get('etag')}`;
  };
  const first = await call('PATCH', '/order', '{"quantity":2}');
  const second = await call('PATCH', '/order', '{"quantity":3}');
  const got = await call('GET', '/order');
  const silent = await call('PATCH', '/silent', '{}');
  const closed = await call('PATCH', '/closed', '{}');
  server.closeAllConnections();
  server.close();
  return { first, second, got, silent, closed };
}

const seen = { 'Express 4': await etags(express4), 'Express 5': await etags(express5) };
const tag = 'W/"b-Ai2R8hgEarLmHKwesT1qcY913ys"';
const both = {
  first: `200 ${tag}`,
  second: `200 ${tag}`,
  got: '200 W/"15-0OAg+Hgtbdo6PJVcmr3InVvM28E"',
  silent: `204 ${tag}`,
  closed: `409 ${tag}`,
};
const expected = { 'Express 4': both, 'Express 5': both };
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Answers to writes are tagged differently now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
