// Data stores of Azure. Where the rules of each are written down: docs/systems.md.
import type { Reply } from '../scripted-server';
import { JSON_TYPE, membersOf, type PlayedApi, type PlayedRecord } from './played-api';

const ENTITY = "/acct/Orders(PartitionKey='p',RowKey='r')";
const V3 = 'application/json;odata=minimalmetadata';
const TYPE = '@odata.type';

const tableError = (status: number, code: string, value: string): Reply => ({
  status,
  body: { 'odata.error': { code, message: { lang: 'en-US', value } } },
});

const tableEtag = ({ modified }: PlayedRecord): string =>
  `W/"datetime'${encodeURIComponent(modified.toISOString())}'"`;

/**
 * The table service of Azure Storage. What a value is, its type says: a long number or a time without one becomes text
 * for good.
 */
export const AZURE_TABLE: PlayedApi = {
  recipe: 'azure-table',
  base: '/acct',
  collection: 'Orders',
  key: { PartitionKey: 'p', RowKey: 'r' },
  method: 'MERGE',
  values: { Status: 'Open', Note: 'n0', [`Meter${TYPE}`]: 'Edm.Int64', Meter: '9007199254740993' },
  changes: { Status: 'Done', Meter: '9007199254740995' },
  noise: { Note: 'theirs' },
  theirs: { Status: 'Hold' },
  refused: {
    changes: { [`Meter${TYPE}`]: 'Edm.Int64', Meter: 'many' },
    outcome: 'rejected',
    message: 'One of the request inputs is not valid.',
    code: 'InvalidInput',
  },
  wrong: [
    {
      what: 'Accept of OData V4',
      status: 415,
      method: 'GET',
      path: ENTITY,
      headers: { accept: 'application/json;odata.metadata=minimal' },
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'MERGE',
      path: ENTITY,
      headers: { ...JSON_TYPE, accept: V3, 'if-match': 'W/"old"' },
      body: '{"Note":"x"}',
    },
    {
      what: 'control information in an entity',
      status: 400,
      method: 'PUT',
      path: ENTITY,
      headers: { ...JSON_TYPE, accept: V3, 'if-match': '*' },
      body: '{"odata.metadata":"x","Note":"x"}',
    },
  ],
  answer({ method, path, type, json, headers }, record) {
    if (decodeURIComponent(path) !== ENTITY) {
      return tableError(404, 'ResourceNotFound', 'The specified resource does not exist.');
    }
    const accepted = /^application\/json(?:;odata=(?:no|minimal|full)metadata)?$/;
    if (!accepted.test(headers.accept ?? '')) {
      return tableError(
        415,
        'MediaTypeNotSupported',
        'None of the provided media types are supported',
      );
    }
    if (method === 'GET') return shownEntity(record);
    if (type !== 'application/json') {
      return tableError(415, 'MediaTypeNotSupported', 'The media type is not supported');
    }
    const known = headers['if-match'];
    if (known !== undefined && known !== '*' && known !== tableEtag(record)) {
      const message = 'The update condition specified in the request was not satisfied.';
      return tableError(412, 'UpdateConditionNotSatisfied', message);
    }
    const fault = entityFault(membersOf(json));
    if (fault !== undefined) return fault;
    const written = entityIn(membersOf(json));
    if (method === 'PUT') record.replace(written);
    else record.write({ ...untyped(record, written), ...written });
    return { status: 204, headers: { etag: tableEtag(record) } };
  },
};

function shownEntity(record: PlayedRecord): Reply {
  const about = {
    'odata.metadata': 'x/$metadata#Orders/@Element',
    'odata.etag': tableEtag(record),
  };
  const keys = { PartitionKey: 'p', RowKey: 'r', Timestamp: record.modified.toISOString() };
  const body = { ...about, ...keys, ...record.values };
  return { status: 200, headers: { etag: tableEtag(record) }, body };
}

function entityFault(json: Record<string, unknown>): Reply | undefined {
  for (const [name, value] of Object.entries(json)) {
    if (name !== 'odata.etag' && name.includes('.') && !name.endsWith(TYPE)) {
      return tableError(400, 'PropertyNameInvalid', 'The property name is invalid.');
    }
    if (json[`${name}${TYPE}`] === 'Edm.Int64' && !/^-?\d+$/.test(String(value))) {
      return tableError(400, 'InvalidInput', 'One of the request inputs is not valid.');
    }
  }
  return undefined;
}

function entityIn(json: Record<string, unknown>): Record<string, unknown> {
  const system = ['PartitionKey', 'RowKey', 'Timestamp', 'odata.etag'];
  return Object.fromEntries(Object.entries(json).filter(([name]) => !system.includes(name)));
}

/** A value that comes without its type is of the type that JSON shows. */
function untyped({ values }: PlayedRecord, written: Record<string, unknown>) {
  const names = Object.keys(written).filter(name => !(`${name}${TYPE}` in written));
  for (const name of names) Reflect.deleteProperty(values, `${name}${TYPE}`);
  return {};
}

const BLOB = '/acct/orders/SO-1.json';

const blobError = (status: number, code: string, message: string): Reply => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

/** The blob service of Azure Storage, with a JSON document in a blob. */
export const AZURE_BLOB: PlayedApi = {
  recipe: 'azure-blob',
  base: '/acct',
  collection: 'orders',
  key: 'SO-1.json',
  method: 'PUT',
  values: { status: 'Open', note: 'n0' },
  changes: { status: 'Done' },
  noise: { note: 'theirs' },
  theirs: { status: 'Hold' },
  wrong: [
    { what: 'no type of blob', status: 400, method: 'PUT', path: BLOB, body: '{}' },
    {
      what: 'an outdated version',
      status: 412,
      method: 'PUT',
      path: BLOB,
      headers: { 'x-ms-blob-type': 'BlockBlob', 'if-match': '"0x1"' },
      body: '{}',
    },
  ],
  answer({ method, path, body, headers }, record) {
    if (path !== BLOB) return blobError(404, 'BlobNotFound', 'The specified blob does not exist.');
    const etag = () => `"0x8DE00000000000${record.revision.toString(16).toUpperCase()}"`;
    const about = () => ({ etag: etag(), 'last-modified': record.modified.toUTCString() });
    if (method === 'GET') return { status: 200, headers: about(), body: record.values };
    if (method !== 'PUT') {
      return blobError(405, 'UnsupportedHttpVerb', 'The resource does not support this HTTP verb.');
    }
    if (headers['x-ms-blob-type'] === undefined) {
      const message = 'An HTTP header that is mandatory for this request is not specified.';
      return blobError(400, 'MissingRequiredHeader', message);
    }
    const known = headers['if-match'];
    if (known !== undefined && known !== '*' && known !== etag()) {
      const message = 'The condition specified using HTTP conditional header(s) is not met.';
      return blobError(412, 'ConditionNotMet', message);
    }
    record.replace(membersOf(JSON.parse(body)));
    return { status: 201, headers: about() };
  },
};

const DOCUMENT = '/dbs/shop/colls/orders/docs/SO-1';

/** Azure Cosmos DB, NoSQL, with its documents parted by their id. */
export const COSMOS_DB: PlayedApi = {
  recipe: 'cosmos-db',
  base: '',
  collection: 'dbs/shop/colls/orders/docs',
  key: 'SO-1',
  method: 'PUT',
  values: { id: 'SO-1', status: 'Open', note: 'n0' },
  changes: { status: 'Done' },
  noise: { note: 'theirs' },
  theirs: { status: 'Hold' },
  refused: {
    changes: { id: '' },
    outcome: 'rejected',
    message: "The input content is invalid because the required properties - 'id; ' - are missing",
    code: 'BadRequest',
  },
  wrong: [
    {
      what: 'no partition',
      status: 400,
      method: 'PUT',
      path: DOCUMENT,
      headers: JSON_TYPE,
      body: '{"id":"SO-1"}',
    },
    {
      what: 'another partition',
      status: 404,
      method: 'GET',
      path: DOCUMENT,
      headers: { 'x-ms-documentdb-partitionkey': '["SO-2"]' },
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'PUT',
      path: DOCUMENT,
      headers: { ...JSON_TYPE, 'x-ms-documentdb-partitionkey': '["SO-1"]', 'if-match': '"old"' },
      body: '{"id":"SO-1"}',
    },
  ],
  answer({ method, path, json, headers }, record) {
    const partition = headers['x-ms-documentdb-partitionkey'];
    if (partition === undefined) {
      const message = 'PartitionKey value must be supplied for this operation.';
      return { status: 400, body: { code: 'BadRequest', message } };
    }
    if (path !== DOCUMENT || partition !== '["SO-1"]') {
      const message = 'Entity with the specified id does not exist in the system.';
      return { status: 404, body: { code: 'NotFound', message } };
    }
    const etag = () => `"0000d986-0000-0000-0000-00000000000${record.revision.toString(16)}"`;
    const shown = (): Reply => {
      const system = { _rid: 'r', _self: 's', _etag: etag(), _attachments: 'a/', _ts: 1 };
      return { status: 200, headers: { etag: etag() }, body: { ...record.values, ...system } };
    };
    if (method === 'GET') return shown();
    if (method !== 'PUT') return { status: 405, body: { code: 'MethodNotAllowed', message: 'x' } };
    const known = headers['if-match'];
    if (known !== undefined && known !== '*' && known !== etag()) {
      const message =
        'Operation cannot be performed because one of the specified precondition is not met.';
      return { status: 412, body: { code: 'PreconditionFailed', message } };
    }
    const own = Object.entries(membersOf(json)).filter(([name]) => !name.startsWith('_'));
    const values: Record<string, unknown> = Object.fromEntries(own);
    if (values.id !== 'SO-1') {
      const message =
        "The input content is invalid because the required properties - 'id; ' - are missing";
      return { status: 400, body: { code: 'BadRequest', message } };
    }
    record.replace(values);
    return shown();
  },
};
