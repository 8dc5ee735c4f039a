#!/usr/bin/env bash
# A record whose transfer is resumed can consist of two versions.
#
# Package: undici@7.30.2
# Surprise: the retry handler resumes a broken answer with a Range request. It drops weak ETags before that,
# so nothing ties the second part to the first: if the record changed in between, the caller gets 200, the old
# ETag, the first half of the old record and the second half of the new one. With a strong ETag it asks with
# If-Match and raises an error instead.
# Why it matters: the result parses, carries a version and never existed. Weak ETags are what OData and most
# frameworks send. Whoever updates records reads them without resuming: a broken read is started over.
# Seen:
#   weak ETag: {"statusCode":200,"etag":"W/\"0\"","read":"{\"status\":\"released\",\"quantity\":2222}","ranges":["no condition"]}
#   strong ETag: {"error":"Request failed","ranges":["\"0\""]}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  undici@7.30.2

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Agent, RetryAgent, request } from 'undici';

async function serve(answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

const versions = ['{"status":"released","quantity":1000}', '{"status":"on hold!","quantity":2222}'];

async function brokenRead(etagOf) {
  let current = 0;
  let cut;
  const ranges = [];
  const { url, close } = await serve((req, res) => {
    const record = versions[current];
    const headers = { etag: etagOf(current), 'content-type': 'application/json', 'accept-ranges': 'bytes' };
    const range = /bytes=(\d+)-/.exec(req.headers.range ?? '');
    if (range === null) {
      res.writeHead(200, { ...headers, 'content-length': record.length });
      res.write(record.slice(0, 22));
      cut = () => res.destroy();
      return;
    }
    const from = Number(range[1]);
    const tag = req.headers['if-match'];
    ranges.push(tag ?? 'no condition');
    if (tag !== undefined && tag !== headers.etag) return res.writeHead(412, headers).end();
    const rest = record.slice(from);
    const part = `bytes ${from}-${record.length - 1}/${record.length}`;
    res.writeHead(206, { ...headers, 'content-range': part, 'content-length': rest.length }).end(rest);
  });
  const dispatcher = new RetryAgent(new Agent(), { minTimeout: 1 });
  try {
    const { statusCode, headers, body } = await request(url, { dispatcher });
    let read = '';
    for await (const chunk of body) {
      read += chunk;
      if (current === 0) {
        current = 1;
        cut();
      }
    }
    return { statusCode, etag: headers.etag, read, ranges };
  } catch (error) {
    return { error: error.message, ranges };
  } finally {
    await dispatcher.destroy();
    close();
  }
}

const seen = {
  'weak ETag': await brokenRead(version => `W/"${version}"`),
  'strong ETag': await brokenRead(version => `"${version}"`),
};
const expected = {
  'weak ETag': {
    statusCode: 200,
    etag: 'W/"0"',
    read: '{"status":"released","quantity":2222}',
    ranges: ['no condition'],
  },
  'strong ETag': { error: 'Request failed', ranges: ['"0"'] },
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A resumed read no longer mixes two versions. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
