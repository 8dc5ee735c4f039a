#!/usr/bin/env bash
# A batch with two change sets: the first is executed, the second vanishes, and the answer is 202.
#
# Package: azurite@3.37.0
# Surprise: a change set for each record is how OData batches keep an outdated record from taking the others along.
# The table service executes the first change set only. It answers 202 with one part, and nothing says that there
# was another one. The second record is as before.
# Why it matters: tests against it pass as long as nobody counts the parts. A client that takes a 202 without an error
# in it for the success of the whole batch loses every record but the first.
# Seen:
#   one change set: {"status":202,"parts":["204","204"],"stored":["new","new"]}
#   two change sets: {"status":202,"parts":["204"],"stored":["newer","new"]}
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

async function call(method, path, body, contentType = 'application/json') {
  const date = new Date().toUTCString();
  const signed = createHmac('sha256', key).update(`${date}\n/${account}/${account}${path}`).digest('base64');
  const headers = {
    accept: 'application/json;odata=nometadata',
    authorization: `SharedKeyLite ${account}:${signed}`,
    'content-type': contentType,
    'x-ms-date': date,
    'x-ms-version': '2019-02-02',
  };
  const url = `${server.getHttpServerAddress()}/${account}${path}`;
  const response = await fetch(url, { method, headers, body });
  const answer = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), answer };
}

const rows = ['1', '2'];
await call('POST', '/Tables', JSON.stringify({ TableName: 'orders' }));
for (const RowKey of rows) {
  await call('POST', '/orders', JSON.stringify({ PartitionKey: '10', RowKey, note: 'old' }));
}

const merge = (row, note) =>
  [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `MERGE ${server.getHttpServerAddress()}/${account}/orders(PartitionKey='10',RowKey='${row}') HTTP/1.1`,
    'Accept: application/json;odata=nometadata',
    'Content-Type: application/json',
    'If-Match: *',
    '',
    JSON.stringify({ note }),
    '',
  ].join('\r\n');
const changeSet = (name, requests) =>
  [
    '--batch_1',
    `Content-Type: multipart/mixed; boundary=changeset_${name}`,
    '',
    ...requests.map(request => `--changeset_${name}\r\n${request}`),
    `--changeset_${name}--`,
    '',
  ].join('\r\n');

async function play(...sets) {
  const body = `${sets.join('')}--batch_1--\r\n`;
  const { status, answer } = await call('POST', '/$batch', body, 'multipart/mixed; boundary=batch_1');
  const { value } = JSON.parse((await call('GET', '/orders()')).answer);
  const parts = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => code);
  return { status, parts, stored: value.map(({ note }) => note) };
}

const seen = {
  'one change set': await play(changeSet('a', rows.map(row => merge(row, 'new')))),
  'two change sets': await play(...rows.map(row => changeSet(row, [merge(row, 'newer')]))),
};
const expected = {
  'one change set': { status: 202, parts: ['204', '204'], stored: ['new', 'new'] },
  'two change sets': { status: 202, parts: ['204'], stored: ['newer', 'new'] },
};
await server.close();
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
if (!isDeepStrictEqual(seen, expected)) {
  console.error('The second change set is executed, or refused, now. The behaviour has changed; expected:');
  console.error(JSON.stringify(expected, null, 2));
  process.exitCode = 1;
}
JS

node probe.mjs
