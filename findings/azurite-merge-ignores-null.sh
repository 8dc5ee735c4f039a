#!/usr/bin/env bash
# A field that is to be cleared keeps its value, with 204 and a new ETag.
#
# Package: azurite@3.37.0
# Surprise: the table service takes null for "not given". A MERGE of `{"holdReason": null}` is answered with
# 204 and a new ETag, and the reason is still there. Only a PUT of the whole entity removes it. An If-Match
# list or a strong ETag is 400 here, not 412.
# Why it matters: the only proof that a table update stored what was asked is to read it again; success plus a
# new version is not. A flow that clears a lock flag or a hold reason believes it is gone.
# Seen:
#   merge: {"status":204,"newVersion":true,"holdReason":"quality"}
#   put: {"status":204,"holdReason":null}
#   strong ETag: 400
#   If-Match list: 400
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  azurite@3.37.0

cat > probe.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { createHmac, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

const [account, key] = ['plant', randomBytes(32)];
process.env.AZURITE_ACCOUNTS = `${account}:${key.toString('base64')}`;
const require = createRequire(import.meta.url);
const { default: Configuration } = require('azurite/dist/src/table/TableConfiguration');
const { default: TableServer } = require('azurite/dist/src/table/TableServer');
const [quiet, strict, anyVersion, inMemory] = [false, false, true, true];
const server = new TableServer(
  new Configuration('127.0.0.1', 0, 5, 'unused', quiet, quiet, undefined, undefined, strict, anyVersion, '', '', '', undefined, false, inMemory),
);
await server.start();

async function call(method, path, body, condition) {
  const date = new Date().toUTCString();
  const signed = createHmac('sha256', key).update(`${date}\n/${account}/${account}${path}`).digest('base64');
  const headers = {
    accept: 'application/json;odata=nometadata',
    authorization: `SharedKeyLite ${account}:${signed}`,
    'content-type': 'application/json',
    'x-ms-date': date,
    'x-ms-version': '2019-02-02',
    ...(condition && { 'if-match': condition }),
  };
  const url = `${server.getHttpServerAddress()}/${account}${path}`;
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), answer };
}

const path = "/orders(PartitionKey='10',RowKey='1')";
const holdReason = async () => JSON.parse((await call('GET', path)).answer).holdReason ?? null;
await call('POST', '/Tables', { TableName: 'orders' });
await call('POST', '/orders', { PartitionKey: '10', RowKey: '1', holdReason: 'quality' });
const before = await call('GET', path);
const merged = await call('MERGE', path, { holdReason: null }, before.etag);
const afterMerge = await holdReason();
const strong = await call('MERGE', path, { note: 'x' }, merged.etag.slice(2));
const list = await call('MERGE', path, { note: 'x' }, `W/"other", ${merged.etag}`);
const put = await call('PUT', path, { PartitionKey: '10', RowKey: '1', holdReason: null }, merged.etag);
const seen = {
  merge: { status: merged.status, newVersion: merged.etag !== before.etag, holdReason: afterMerge },
  put: { status: put.status, holdReason: await holdReason() },
  'strong ETag': strong.status,
  'If-Match list': list.status,
};
const expected = {
  merge: { status: 204, newVersion: true, holdReason: 'quality' },
  put: { status: 204, holdReason: null },
  'strong ETag': 400,
  'If-Match list': 400,
};
await server.close();
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('A MERGE with null clears the field now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
