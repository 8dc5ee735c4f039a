// Microsoft's business applications. Where the rules of each are written down: docs/systems.md.
import type { Reply } from '../scripted-server';
import { JSON_TYPE, membersOf, type PlayedApi, type PlayedRecord } from './played-api';

const USUAL = {
  values: { status: 'Open', note: 'n0' },
  changes: { status: 'Done' },
  noise: { note: 'theirs' },
  theirs: { status: 'Hold' },
};

const error = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
});

const COMPANY = 'companies(7d5d1d0c-0000-4000-8000-0000000000c1)';
const ORDER = '5b6f0a0c-0000-4000-8000-0000000000d1';
const SALES_ORDER = `/v2.0/sandbox/api/v2.0/${COMPANY}/salesOrders(${ORDER})`;

const weakEtag = ({ revision }: PlayedRecord): string =>
  `W/"${Buffer.from(`20;${revision};1`).toString('base64')}"`;

/** Business Central, API v2.0: an outdated ETag is a 409. */
export const BUSINESS_CENTRAL: PlayedApi = {
  ...USUAL,
  recipe: 'business-central',
  base: '/v2.0/sandbox/api/v2.0',
  collection: `${COMPANY}/salesOrders`,
  key: ORDER,
  method: 'PATCH',
  refused: {
    changes: { status: 'Nonsense' },
    outcome: 'rejected',
    message: 'The value "Nonsense" cannot be evaluated into type Option.',
    code: 'Application_EvaluateException',
  },
  wrong: [
    {
      what: 'no version',
      status: 400,
      method: 'PATCH',
      path: SALES_ORDER,
      headers: JSON_TYPE,
      body: '{"note":"x"}',
    },
    {
      what: 'an outdated version',
      status: 409,
      method: 'PATCH',
      path: SALES_ORDER,
      headers: { ...JSON_TYPE, 'if-match': 'W/"old"' },
      body: '{"note":"x"}',
    },
    { what: 'PUT', status: 405, method: 'PUT', path: SALES_ORDER, body: '{}' },
  ],
  answer({ method, path, json, headers }, record) {
    if (path !== SALES_ORDER) return error(404, 'BadRequest_NotFound', 'Bad Request');
    const shown = (): Reply => ({
      status: 200,
      body: { '@odata.context': 'x', '@odata.etag': weakEtag(record), id: ORDER, ...record.values },
    });
    if (method === 'GET') return shown();
    if (method !== 'PATCH') return error(405, 'BadRequest_MethodNotAllowed', 'Not allowed');
    const known = headers['if-match'];
    if (known === undefined) {
      const message = 'Could not validate the client concurrency token required by the service.';
      return error(400, 'BadRequest_InvalidToken', message);
    }
    if (known !== '*' && known !== weakEtag(record)) {
      const message = 'Another user has already changed the record.';
      return error(409, 'Request_EntityChanged', message);
    }
    if (membersOf(json).status === 'Nonsense') {
      const message = 'The value "Nonsense" cannot be evaluated into type Option.';
      return error(400, 'Application_EvaluateException', message);
    }
    record.write(membersOf(json));
    return shown();
  },
};

const TASK = '/v1.0/planner/tasks/T1';

/**
 * Planner in Microsoft Graph: an outdated ETag is a conflict where what changed since is written, too; otherwise the
 * service merges.
 */
export const PLANNER: PlayedApi = {
  recipe: 'planner',
  base: '/v1.0',
  collection: 'planner/tasks',
  key: 'T1',
  method: 'PATCH',
  values: { title: 'Ship', percentComplete: 0 },
  changes: { percentComplete: 100 },
  noise: { title: 'Ship SO-1' },
  theirs: { percentComplete: 50 },
  refused: {
    changes: { percentComplete: 700 },
    outcome: 'rejected',
    message: 'Schema validation has failed.',
  },
  wrong: [
    {
      what: 'no version',
      status: 412,
      method: 'PATCH',
      path: TASK,
      headers: JSON_TYPE,
      body: '{"title":"x"}',
    },
  ],
  answer({ method, path, json, headers }, record) {
    if (path !== TASK) return error(404, '', 'The requested item is not found.');
    const shown = (): Reply => ({
      status: 200,
      body: { '@odata.context': 'x', '@odata.etag': weakEtag(record), id: 'T1', ...record.values },
    });
    if (method === 'GET') return shown();
    const known = headers['if-match'];
    if (known === undefined) return error(412, '', 'The If-Match header is missing.');
    if (known !== '*') {
      const seen = Number(Buffer.from(known.slice(3, -1), 'base64').toString().split(';')[1]);
      const collides = Object.keys(membersOf(json)).some(
        name => (record.changed.get(name) ?? 0) > seen,
      );
      if (Number.isNaN(seen)) return error(412, '', 'The If-Match header is invalid.');
      if (collides) return error(409, '', 'The attempted changes conflicted with other changes.');
    }
    const { percentComplete = 0 } = membersOf(json);
    if (Number(percentComplete) > 100) return error(400, '', 'Schema validation has failed.');
    record.write(membersOf(json));
    return headers.prefer === 'return=representation' ? shown() : { status: 204 };
  },
};

const ITEM = '/v1.0/sites/s1/lists/l1/items/7/fields';

/** Items of a list in Microsoft Graph: a choice of several needs its type beside it. */
export const GRAPH_LISTS: PlayedApi = {
  recipe: 'graph-lists',
  base: '/v1.0',
  collection: 'sites/s1/lists/l1/items',
  key: 7,
  method: 'PATCH',
  values: { Title: 'SO-1', Shifts: ['A'], Status: 'Open' },
  changes: { 'Shifts@odata.type': 'Collection(Edm.String)', Shifts: ['A', 'B'] },
  noise: { Status: 'Hold' },
  theirs: { Shifts: ['C'] },
  refused: {
    changes: { Shifts: ['A', 'B'] },
    outcome: 'rejected',
    message: 'Invalid request',
    code: 'invalidRequest',
  },
  wrong: [
    {
      what: 'a write of the item itself',
      status: 400,
      method: 'PATCH',
      path: '/v1.0/sites/s1/lists/l1/items/7',
      headers: JSON_TYPE,
      body: '{"Status":"x"}',
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'PATCH',
      path: ITEM,
      headers: { ...JSON_TYPE, 'if-match': '"guid,1"' },
      body: '{"Status":"x"}',
    },
  ],
  answer({ method, path, json, headers }, record) {
    if (`${path}/fields` === ITEM) return error(400, 'invalidRequest', 'Invalid request');
    if (path !== ITEM) return error(404, 'itemNotFound', 'The resource could not be found.');
    const etag = () => `"guid,${record.revision}"`;
    const shown = (): Reply => ({
      status: 200,
      body: { '@odata.context': 'x', '@odata.etag': etag(), id: '7', ...record.values },
    });
    if (method === 'GET') return shown();
    const known = headers['if-match'];
    if (known !== undefined && known !== '*' && known !== etag()) {
      return error(412, 'resourceModified', "ETag does not match current item's value");
    }
    const { 'Shifts@odata.type': type, ...changes } = membersOf(json);
    if (changes.Shifts !== undefined && type !== 'Collection(Edm.String)') {
      return error(400, 'invalidRequest', 'Invalid request');
    }
    record.write(changes);
    return shown();
  },
};

const SP_ITEM = "/sites/shop/_api/web/lists/getbytitle('Orders')/items(7)";
const spError = (status: number, value: string): Reply => ({
  status,
  body: {
    'odata.error': {
      code: '-1, Microsoft.SharePoint.Client.ClientServiceException',
      message: { lang: 'en-US', value },
    },
  },
});

/** SharePoint's own REST service. */
export const SHAREPOINT: PlayedApi = {
  recipe: 'sharepoint',
  base: '/sites/shop/_api',
  collection: "web/lists/getbytitle('Orders')/items",
  key: 7,
  method: 'PATCH',
  values: { Title: 'SO-1', Status: 'Open' },
  changes: { Status: 'Done' },
  noise: { Title: 'SO-1a' },
  theirs: { Status: 'Hold' },
  refused: {
    changes: { Nonsense: 1 },
    outcome: 'rejected',
    message: "The property 'Nonsense' does not exist on type 'SP.Data.OrdersListItem'.",
  },
  wrong: [
    {
      what: 'a POST that does not say what it means',
      status: 400,
      method: 'POST',
      path: SP_ITEM,
      headers: { ...JSON_TYPE, 'if-match': '*' },
      body: '{"Status":"x"}',
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'POST',
      path: SP_ITEM,
      headers: { ...JSON_TYPE, 'x-http-method': 'MERGE', 'if-match': '"1"' },
      body: '{"Status":"x"}',
    },
    {
      what: 'the verbose format without the type of the list',
      status: 400,
      method: 'POST',
      path: SP_ITEM,
      headers: {
        'content-type': 'application/json;odata=verbose',
        'x-http-method': 'MERGE',
        'if-match': '*',
      },
      body: '{"Status":"x"}',
    },
  ],
  answer({ method, path, json, headers }, record) {
    if (decodeURIComponent(path) !== SP_ITEM) return spError(404, 'Item does not exist.');
    const etag = () => `"${record.revision}"`;
    if (method === 'GET') {
      const isVerbose = (headers.accept ?? '').includes('odata=verbose');
      const __metadata = { id: 'x', uri: SP_ITEM, etag: etag(), type: 'SP.Data.OrdersListItem' };
      const body = isVerbose
        ? { d: { __metadata, File: { __deferred: { uri: 'x' } }, ...record.values } }
        : { 'odata.etag': etag(), ...record.values };
      return { status: 200, body };
    }
    if (method !== 'POST' || headers['x-http-method'] !== 'MERGE') {
      return spError(400, 'The parameter __metadata does not exist in method GetById.');
    }
    // Without a condition it overwrites.
    const known = headers['if-match'] ?? '*';
    if (known !== '*' && known !== etag()) {
      const message = `The request ETag value '${known}' does not match the object's ETag value '${etag()}'.`;
      return spError(412, message);
    }
    const { __metadata, ...changes } = membersOf(json);
    const isVerbose = (headers['content-type'] ?? '').includes('odata=verbose');
    if (isVerbose && membersOf(__metadata).type === undefined) {
      return spError(400, 'An entry without a type name was found.');
    }
    if (!isVerbose && __metadata !== undefined) {
      return spError(
        400,
        "The property '__metadata' does not exist on type 'SP.Data.OrdersListItem'.",
      );
    }
    const unknown = Object.keys(changes).find(name => !(name in record.values));
    if (unknown !== undefined) {
      const message = `The property '${unknown}' does not exist on type 'SP.Data.OrdersListItem'.`;
      return spError(400, message);
    }
    record.write(changes);
    return { status: 204, headers: { etag: etag() } };
  },
};
