#!/usr/bin/env bash
# An order whose note speaks of a 204 comes out of a batch as an order with nothing in it, and the read as a success.
#
# Package: @sap-cloud-sdk/odata-v4@4.8.0
# Surprise: of each part of a batch answer the client takes the last line for its body, and a part in which the words
# "204 No Content" stand anywhere, in the values of the record too, for one without a body. Nothing fails: the answer is
# `isSuccess()`, 200, with an entity that has neither key nor fields nor version. JSON that is indented with CR LF, as
# servers on Windows write it, ends the same way; only a line in the log tells of it.
# Why it matters: it depends on what is in the record. A field that is missing looks like one that is empty, and an
# update that is made from such an entity has no version to send. Check that the key is the one that was asked for.
# Seen:
#   note "on hold": {"success":true,"status":"released","version":"W/\"5\""}
#   note "MES answered 204 No Content": {"success":true}
#   note "on hold", indented with CR LF: {"success":true}
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  @sap-cloud-sdk/odata-v4@4.8.0 @sap-cloud-sdk/odata-common@4.8.0 @sap-cloud-sdk/util@4.8.0

cat > probe.cjs <<'JS'
const { once } = require('node:events');
const { createServer } = require('node:http');
const { isDeepStrictEqual } = require('node:util');
const { muteLoggers } = require('@sap-cloud-sdk/util');
const odata = require('@sap-cloud-sdk/odata-v4');

muteLoggers();

// What the generator writes for an entity set `Orders` with the fields ID, Status and Note.
class Order extends odata.Entity {}
Object.assign(Order, { _entityName: 'Orders', _defaultBasePath: '/odata', _keys: ['ID'] });
class OrderRequestBuilder extends odata.RequestBuilder {
  getByKey(ID) {
    return new odata.GetByKeyRequestBuilder(this.entityApi, { ID });
  }
}
class OrderApi {
  deSerializers = odata.defaultDeSerializers;
  entityConstructor = Order;
  requestBuilder() {
    return new OrderRequestBuilder(this);
  }
  get schema() {
    const fields = new odata.FieldBuilder(Order, this.deSerializers);
    return {
      ID: fields.buildEdmTypeField('ID', 'Edm.String', false),
      STATUS: fields.buildEdmTypeField('Status', 'Edm.String', true),
      NOTE: fields.buildEdmTypeField('Note', 'Edm.String', true),
      ALL_FIELDS: new odata.AllFields('*', Order),
    };
  }
}

let record = '';
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const lines = [
      '--b',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      'HTTP/1.1 200 OK',
      'Content-Type: application/json',
      'ETag: W/"5"',
      '',
      record,
      '--b--',
      '',
    ];
    const headers = { 'content-type': 'multipart/mixed; boundary=b', 'odata-version': '4.0' };
    response.writeHead(200, headers).end(lines.join('\r\n'));
  });
}).listen(0, '127.0.0.1');

async function read(Note, isIndented) {
  const values = { '@odata.etag': 'W/"5"', ID: '1', Status: 'released', Note };
  record = isIndented ? JSON.stringify(values, null, 2).replaceAll('\n', '\r\n') : JSON.stringify(values);
  const api = new OrderApi();
  const batch = new odata.ODataBatchRequestBuilder('/odata', [api.requestBuilder().getByKey('1')], { Orders: api });
  const [answer] = await batch.execute({ url: `http://127.0.0.1:${server.address().port}` });
  const [order] = answer.as(api);
  const { status, versionIdentifier: version } = order;
  return { success: answer.isSuccess(), ...(status && { status }), ...(version && { version }) };
}

async function main() {
  await once(server, 'listening');
  const seen = {
    'note "on hold"': await read('on hold', false),
    'note "MES answered 204 No Content"': await read('MES answered 204 No Content', false),
    'note "on hold", indented with CR LF': await read('on hold', true),
  };
  const expected = {
    'note "on hold"': { success: true, status: 'released', version: 'W/"5"' },
    'note "MES answered 204 No Content"': { success: true },
    'note "on hold", indented with CR LF': { success: true },
  };
  for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(value)}`);
  if (!isDeepStrictEqual(seen, expected)) {
    console.error('The order comes out whole now. The behaviour has changed; expected:');
    console.error(JSON.stringify(expected, null, 2));
    process.exitCode = 1;
  }
  server.close();
  server.closeAllConnections();
}

main();
JS

node probe.cjs
