#!/usr/bin/env bash
# The message of the read is sent back with its headers, and cuts the body of the write.
#
# Package: node-red@4.1.15, node-red-node-test-helper@0.3.6
# Surprise: the http request node forgets the headers of an earlier answer only while nobody has touched them.
# Setting `msg.headers["If-Match"]` on the message of the read, the obvious way to a conditional PATCH, makes
# it send all of them as request headers: ETag, Date, Last-Modified, own ones of the server, and Content-
# Length. The body is then cut to the length of what was read.
# Why it matters: quantity 4 → 5 works, 9 → 10 arrives as `{"quantity":10` and is refused (400), and an answer
# without Content-Length makes every such PATCH fail. Replace `msg.headers` as a whole before a write.
# Seen:
#   4 to 5: {"statusCode":204,"body":"{\"quantity\":5}","ifMatch":"W/\"1\"","alien":["date","etag","x-served-by"]}
#   9 to 10, as received: "{\"quantity\":10"
#   after an answer without Content-Length: 400
#   9 to 10 with new headers: {"statusCode":204,"body":"{\"quantity\":10}","ifMatch":"W/\"1\"","alien":[]}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  node-red@4.1.15 node-red-node-test-helper@0.3.6

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { createRequire } from 'node:module';
import helper from 'node-red-node-test-helper';
import http from 'node:http';
import { once } from 'node:events';
import { text as readText } from 'node:stream/consumers';

const require = createRequire(import.meta.url);
helper.init(require.resolve('node-red'));
const nodes = ['network/21-httprequest', 'function/15-change'].map(file => require(`@node-red/nodes/core/${file}`));
await helper.startServer();


async function readThenWrite(from, to, { chunked = false, fresh = false } = {}) {
  let received = null;
  const server = http.createServer(async (req, res) => {
    const body = await readText(req);
    const record = JSON.stringify({ quantity: from });
    const headers = { etag: 'W/"1"', 'content-type': 'application/json', 'x-served-by': 'node 7' };
    if (req.method === 'GET') {
      res.writeHead(200, chunked ? headers : { ...headers, 'content-length': record.length }).end(record);
      return;
    }
    const alien = Object.keys(req.headers).filter(name => ['etag', 'x-served-by', 'date'].includes(name));
    received = { body, ifMatch: req.headers['if-match'], alien: alien.sort() };
    res.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const set = (p, to, tot) => ({ t: 'set', p, pt: 'msg', to, tot });
  const rules = [
    ...(fresh
      ? [set('etag', 'headers.etag', 'msg'), set('headers', '{}', 'json'), set('headers["If-Match"]', 'etag', 'msg')]
      : [set('headers["If-Match"]', 'headers.etag', 'msg')]),
    set('payload', JSON.stringify({ quantity: to }), 'json'),
  ];
  await helper.load(nodes, [
    { id: 'start', type: 'http request', method: 'GET', ret: 'obj', url, wires: [['edit']] },
    { id: 'edit', type: 'change', rules, wires: [['write']] },
    { id: 'write', type: 'http request', method: 'PATCH', ret: 'txt', url, wires: [['end']] },
    { id: 'end', type: 'helper' },
  ]);
  const answer = once(helper.getNode('end'), 'input');
  helper.getNode('start').receive({ payload: '' });
  const [{ statusCode }] = await answer;
  await helper.unload();
  server.closeAllConnections();
  server.close();
  return { statusCode, ...received };
}

const refused = async (...args) => (await readThenWrite(...args)).statusCode;
const cut = await readThenWrite(9, 10);
const seen = {
  '4 to 5': await readThenWrite(4, 5),
  '9 to 10, as received': cut.body,
  'after an answer without Content-Length': await refused(4, 5, { chunked: true }),
  '9 to 10 with new headers': await readThenWrite(9, 10, { fresh: true }),
};
const ifMatch = 'W/"1"';
const expected = {
  '4 to 5': { statusCode: 204, body: '{"quantity":5}', ifMatch, alien: ['date', 'etag', 'x-served-by'] },
  '9 to 10, as received': '{"quantity":10',
  'after an answer without Content-Length': 400,
  '9 to 10 with new headers': { statusCode: 204, body: '{"quantity":10}', ifMatch, alien: [] },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('The headers of an answer are no longer sent with the next request. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
await helper.stopServer();
JS

node probe.mjs
