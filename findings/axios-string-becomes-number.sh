#!/usr/bin/env bash
# What a JSON string is sent as depends on what is in it.
#
# Package: axios@1.21.1
# Surprise: with `Content-Type: application/json`, a string that happens to be JSON already goes out as it is,
# any other one is quoted. So "closed" is sent as a string, "5" as a number, "true" as a boolean and "null" as
# null. With `application/merge-patch+json` no string is quoted at all.
# Why it matters: a PUT to a single property (`…/Orders(1)/batchNumber`) that works with letters stores a
# number, or clears the field, for other values of the same field; "007" stays a string and "7" does not.
# Serialise the body oneself and send it as a Buffer.
# Seen:
#   7: "7"
#   closed: "\"closed\""
#   007: "\"007\""
#   true: "true"
#   null: "null"
#   closed, as merge patch: "closed"
#   7, serialised and as a Buffer: "\"7\""
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  axios@1.21.1

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import axios from 'axios';

async function serve(answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

const { url, close } = await serve(async (req, res) => res.end(JSON.stringify({ body: await text(req) })));
const send = async (value, type) => (await axios.put(url, value, { headers: { 'Content-Type': type } })).data.body;
const json = value => send(value, 'application/json');
const seen = {};
for (const value of ['closed', '007', '7', 'true', 'null']) seen[value] = await json(value);
seen['closed, as merge patch'] = await send('closed', 'application/merge-patch+json');
seen['7, serialised and as a Buffer'] = await json(Buffer.from(JSON.stringify('7')));
close();
const expected = {
  7: '7',
  closed: '"closed"',
  '007': '"007"',
  true: 'true',
  null: 'null',
  'closed, as merge patch': 'closed',
  '7, serialised and as a Buffer': '"7"',
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('Strings are sent alike now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
