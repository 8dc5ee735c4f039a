// Data stores and infrastructure. Where the rules of each are written down: docs/systems.md.
import type { Reply } from '../scripted-server';
import { JSON_TYPE, membersOf, merged, type PlayedApi, type PlayedRecord } from './played-api';

const ORDER = { status: 'Open', note: 'n0', qty: 5 };
const USUAL = {
  values: ORDER,
  changes: { status: 'Done' },
  noise: { note: 'theirs' },
  theirs: { status: 'Hold' },
};

const esError = (status: number, type: string, reason: string): Reply => ({
  status,
  body: { error: { root_cause: [{ type, reason }], type, reason }, status },
});

/** Elasticsearch 7 and 8, OpenSearch. */
export const ELASTICSEARCH: PlayedApi = {
  ...USUAL,
  recipe: 'elasticsearch',
  base: '',
  collection: 'orders',
  key: 'SO-1',
  method: 'PATCH',
  refused: {
    changes: { qty: 'many' },
    outcome: 'rejected',
    message: 'failed to parse field [qty] of type [long]',
    code: 'document_parsing_exception',
  },
  wrong: [
    { what: 'PATCH of the document', status: 405, method: 'PATCH', path: '/orders/_doc/SO-1' },
    {
      what: 'changes without "doc"',
      status: 400,
      method: 'POST',
      path: '/orders/_update/SO-1',
      headers: JSON_TYPE,
      body: '{"status":"Done"}',
    },
    {
      what: 'one of two version parameters',
      status: 400,
      method: 'POST',
      path: '/orders/_update/SO-1?if_seq_no=3',
      headers: JSON_TYPE,
      body: '{"doc":{"status":"Done"}}',
    },
    {
      what: 'an outdated version',
      status: 409,
      method: 'POST',
      path: '/orders/_update/SO-1?if_seq_no=1&if_primary_term=1',
      headers: JSON_TYPE,
      body: '{"doc":{"status":"Done"}}',
    },
    {
      what: 'another media type',
      status: 406,
      method: 'POST',
      path: '/orders/_update/SO-1',
      headers: { 'content-type': 'text/plain' },
      body: '{"doc":{}}',
    },
  ],
  answer({ method, path, query, type, json }, record) {
    const about = { _index: 'orders', _id: 'SO-1' };
    const version = () => ({ _seq_no: record.revision, _primary_term: 1 });
    if (path === '/orders/_doc/SO-1' && method === 'GET') {
      const source = { found: true, _source: record.values };
      return { status: 200, body: { ...about, _version: 9, ...version(), ...source } };
    }
    if (path === '/orders/_doc/SO-1') {
      return {
        status: 405,
        body: { error: `Incorrect HTTP method for uri and ${method}`, status: 405 },
      };
    }
    if (path !== '/orders/_update/SO-1' || method !== 'POST') {
      return { status: 404, body: { ...about, found: false } };
    }
    if (type !== 'application/json') {
      const error = `Content-Type header [${type}] is not supported`;
      return { status: 406, body: { error, status: 406 } };
    }
    const [seqNo, term] = [query.get('if_seq_no'), query.get('if_primary_term')];
    if ((seqNo === null) !== (term === null)) {
      const reason = 'Validation Failed: 1: ifSeqNo is set, but primary term is [0];';
      return esError(400, 'action_request_validation_exception', reason);
    }
    const unknown = Object.keys(membersOf(json)).find(name => name !== 'doc');
    if (unknown !== undefined) {
      return esError(
        400,
        'x_content_parse_exception',
        `[UpdateRequest] unknown field [${unknown}]`,
      );
    }
    if (seqNo !== null && !(Number(term) > 0)) {
      const reason = `Validation Failed: 1: ifSeqNo is set, but primary term is [${term ?? ''}];`;
      return esError(400, 'action_request_validation_exception', reason);
    }
    if (seqNo !== null && (seqNo !== String(record.revision) || term !== '1')) {
      const now = `current document has seqNo [${record.revision}] and primary term [1]`;
      const reason = `[SO-1]: version conflict, required seqNo [${seqNo}], primary term [${term ?? ''}]. ${now}`;
      return esError(409, 'version_conflict_engine_exception', reason);
    }
    const doc = membersOf(membersOf(json).doc);
    if (typeof (doc.qty ?? 0) !== 'number') {
      const reason = "[1:8] failed to parse field [qty] of type [long] in document with id 'SO-1'.";
      return esError(400, 'document_parsing_exception', reason);
    }
    record.write(doc);
    return { status: 200, body: { ...about, _version: 10, result: 'updated', ...version() } };
  },
};

const kubeStatus = (code: number, reason: string, message: string): Reply => ({
  status: code,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  },
});

const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/web';
const PATCHES = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json'];

/** Kubernetes, and APIs made like it. */
export const KUBERNETES: PlayedApi = {
  recipe: 'kubernetes',
  base: '',
  collection: 'apis/apps/v1/namespaces/shop/deployments',
  key: 'web',
  method: 'PATCH',
  values: { spec: { replicas: 2, paused: false }, status: { readyReplicas: 2 } },
  changes: { spec: { replicas: 5 } },
  noise: { status: { readyReplicas: 1 } },
  theirs: { spec: { replicas: 3, paused: false } },
  refused: {
    changes: { spec: { replicas: -1 } },
    outcome: 'rejected',
    message: 'spec.replicas: Invalid value: -1',
    code: 'Invalid',
  },
  wrong: [
    {
      what: 'a PATCH of plain JSON',
      status: 415,
      method: 'PATCH',
      path: DEPLOYMENT,
      headers: JSON_TYPE,
      body: '{"spec":{"replicas":5}}',
    },
    {
      what: 'an outdated version',
      status: 409,
      method: 'PATCH',
      path: DEPLOYMENT,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{"metadata":{"resourceVersion":"1"},"spec":{"replicas":5}}',
    },
  ],
  answer({ method, path, type, json }, record) {
    if (path !== DEPLOYMENT) return kubeStatus(404, 'NotFound', 'deployments.apps "x" not found');
    const shown = () => ({
      kind: 'Deployment',
      metadata: { name: 'web', resourceVersion: String(record.revision) },
      ...record.values,
    });
    if (method === 'GET') return { status: 200, body: shown() };
    if (!PATCHES.some(patch => type === `application/${patch}`)) {
      const accepted = PATCHES.map(patch => `application/${patch}`).join(', ');
      const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
      return kubeStatus(415, 'UnsupportedMediaType', message);
    }
    const { metadata, ...patch } = membersOf(json);
    const { resourceVersion } = membersOf(metadata);
    // 0 is as good as none.
    const isBound = resourceVersion !== undefined && resourceVersion !== '0';
    if (isBound && resourceVersion !== String(record.revision)) {
      const message =
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again';
      return kubeStatus(409, 'Conflict', message);
    }
    const { replicas = 0 } = membersOf(patch.spec);
    if (Number(replicas) < 0) {
      const message = `Deployment.apps "web" is invalid: spec.replicas: Invalid value: ${String(replicas)}: must be greater than or equal to 0`;
      return kubeStatus(422, 'Invalid', message);
    }
    record.replace(membersOf(merged(record.values, patch)));
    return { status: 200, body: shown() };
  },
};

const DEVICE = '/api/dcim/devices/3/';
const LABELS: Readonly<Record<string, string>> = {
  active: 'Active',
  planned: 'Planned',
  offline: 'Offline',
};

/** NetBox from 4.6 on: Django REST framework, whose addresses end with a slash. */
export const NETBOX: PlayedApi = {
  recipe: 'netbox',
  base: '/api',
  collection: 'dcim/devices',
  key: 3,
  method: 'PATCH',
  values: { name: 'sw-1', comments: '', status: 'active' },
  changes: { name: 'sw-2' },
  noise: { comments: 'theirs' },
  theirs: { name: 'sw-9' },
  refused: {
    changes: { status: 'nonsense' },
    outcome: 'rejected',
    message: 'nonsense is not a valid choice.',
  },
  wrong: [
    { what: 'a read without the slash', status: 301, method: 'GET', path: '/api/dcim/devices/3' },
    {
      what: 'a write without the slash',
      status: 404,
      method: 'PATCH',
      path: '/api/dcim/devices/3',
      headers: JSON_TYPE,
      body: '{"name":"x"}',
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'PATCH',
      path: DEVICE,
      headers: { ...JSON_TYPE, 'if-match': '"2026-01-01T00:00:00+00:00"' },
      body: '{"name":"x"}',
    },
    {
      what: 'another media type',
      status: 415,
      method: 'PATCH',
      path: DEVICE,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{"name":"x"}',
    },
  ],
  answer({ method, path, type, json, headers }, record) {
    if (`${path}/` === DEVICE && method === 'GET') {
      return { status: 301, headers: { location: DEVICE } };
    }
    if (path !== DEVICE) return { status: 404, body: { detail: 'Not found.' } };
    const etag = () => `"${record.modified.toISOString().replace('Z', '+00:00')}"`;
    const shown = (): Reply => {
      const value = String(record.values.status);
      const status = { value, label: LABELS[value] };
      return { status: 200, headers: { etag: etag() }, body: { id: 3, ...record.values, status } };
    };
    if (method === 'GET') return shown();
    if (type !== 'application/json') {
      return { status: 415, body: { detail: `Unsupported media type "${type}" in request.` } };
    }
    const known = headers['if-match'];
    if (known !== undefined && known !== '*' && known !== etag()) {
      return { status: 412, headers: { etag: etag() }, body: { detail: 'Precondition failed.' } };
    }
    const { status } = membersOf(json);
    if (status !== undefined && LABELS[status as string] === undefined) {
      return {
        status: 400,
        body: { status: [`${JSON.stringify(status).slice(1, -1)} is not a valid choice.`] },
      };
    }
    record.write(membersOf(json));
    return shown();
  },
};

const KV = '/v1/kv/shop/orders/1';

/** The key/value store of Consul, with JSON in its values. */
export const CONSUL: PlayedApi = {
  ...USUAL,
  recipe: 'consul',
  base: '/v1',
  collection: 'kv',
  key: 'shop/orders/1',
  method: 'PUT',
  wrong: [
    { what: 'a PATCH', status: 405, method: 'PATCH', path: KV, body: '{}' },
    {
      what: 'a version that is no number',
      status: 400,
      method: 'PUT',
      path: `${KV}?cas=x`,
      body: '{}',
    },
    // It says so in the body.
    {
      what: 'an outdated version',
      status: 200,
      method: 'PUT',
      path: `${KV}?cas=1`,
      body: '{"lost":1}',
    },
    { what: 'a key that is not there', status: 404, method: 'GET', path: '/v1/kv/shop%2Forders' },
  ],
  answer({ method, path, query, body }, record) {
    if (path !== KV) return { status: 404, body: '' };
    if (method === 'GET') {
      const Value = Buffer.from(JSON.stringify(record.values)).toString('base64');
      const about = { LockIndex: 0, Key: 'shop/orders/1', Flags: 0, CreateIndex: 1 };
      return { status: 200, body: [{ ...about, Value, ModifyIndex: record.revision }] };
    }
    if (method !== 'PUT') {
      return {
        status: 405,
        headers: { allow: 'GET,PUT,DELETE' },
        body: `method ${method} not allowed`,
      };
    }
    const cas = query.get('cas');
    if (cas !== null && !/^\d+$/.test(cas))
      return { status: 400, body: 'strconv.ParseUint: parsing "x"' };
    if (cas !== null && cas !== String(record.revision)) return { status: 200, body: false };
    record.replace(membersOf(JSON.parse(body)));
    return { status: 200, body: true };
  },
};

const SECRET = '/v1/secret/data/shop/db';

function vaultMetadata({ revision: version }: PlayedRecord) {
  return { created_time: '2026-02-08T10:00:00Z', deletion_time: '', destroyed: false, version };
}

/** The key/value store of Vault, version 2. */
export const VAULT: PlayedApi = {
  ...USUAL,
  recipe: 'vault',
  base: '/v1',
  collection: 'secret',
  key: 'shop/db',
  method: 'PUT',
  refused: {
    changes: { status: 'Forbidden' },
    outcome: 'denied',
    message: '1 error occurred: permission denied',
  },
  wrong: [
    {
      what: 'the data without an envelope',
      status: 400,
      method: 'POST',
      path: SECRET,
      headers: JSON_TYPE,
      body: '{"status":"Done"}',
    },
    {
      what: 'an outdated version',
      status: 400,
      method: 'POST',
      path: SECRET,
      headers: JSON_TYPE,
      body: '{"data":{},"options":{"cas":1}}',
    },
    { what: 'a path that is not there', status: 404, method: 'GET', path: '/v1/secret/data/shop' },
  ],
  answer({ method, path, json }, record) {
    if (path !== SECRET) return { status: 404, body: { errors: [] } };
    if (method === 'GET') {
      const metadata = vaultMetadata(record);
      return { status: 200, body: { request_id: 'r', data: { data: record.values, metadata } } };
    }
    if (method !== 'POST' && method !== 'PUT') {
      return { status: 405, body: { errors: ['unsupported operation'] } };
    }
    const { data, options } = membersOf(json);
    if (data === undefined) return { status: 400, body: { errors: ['no data provided'] } };
    const { cas } = membersOf(options);
    if (cas !== undefined && cas !== record.revision) {
      const error = 'check-and-set parameter did not match the current version';
      return { status: 400, body: { errors: [error] } };
    }
    if (membersOf(data).status === 'Forbidden') {
      return { status: 403, body: { errors: ['1 error occurred: permission denied'] } };
    }
    record.replace(membersOf(data));
    return { status: 200, body: { request_id: 'r', data: vaultMetadata(record) } };
  },
};
