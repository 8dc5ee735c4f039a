// Business applications and health care. Where the rules of each are written down: docs/systems.md.
import type { Reply } from '../scripted-server';
import { JSON_TYPE, membersOf, type PlayedApi, type PlayedRequest } from './played-api';

const USUAL = {
  values: { status: 'Open', note: 'n0' },
  changes: { status: 'Done' },
  noise: { note: 'theirs' },
  theirs: { status: 'Hold' },
};

const SOBJECT = '/services/data/v60.0/sobjects/Order/801xx01';

const salesforceErrors = (status: number, ...errors: readonly [string, string][]): Reply => ({
  status,
  body: errors.map(([errorCode, message]) => ({ message, errorCode, fields: [] })),
});

/** Salesforce: the version is a time in whole seconds, whose offset has no colon. */
export const SALESFORCE: PlayedApi = {
  recipe: 'salesforce',
  base: '/services/data/v60.0/sobjects',
  collection: 'Order',
  key: '801xx01',
  method: 'PATCH',
  values: { Status: 'Draft', Description: 'n0' },
  changes: { Status: 'Activated' },
  noise: { Description: 'theirs' },
  theirs: { Status: 'Hold' },
  refused: {
    changes: { Status: 'Nonsense' },
    outcome: 'rejected',
    message:
      'bad value for restricted picklist field: Nonsense: Required fields are missing: [Reason]',
    code: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  },
  wrong: [
    {
      what: 'a field that is not there',
      status: 400,
      method: 'GET',
      path: `${SOBJECT}?fields=Nonsense`,
    },
    {
      what: 'a condition that is no HTTP date',
      status: 400,
      method: 'PATCH',
      path: SOBJECT,
      headers: { ...JSON_TYPE, 'if-unmodified-since': '2026-02-08T10:00:00.000+0000' },
      body: '{"Status":"x"}',
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'PATCH',
      path: SOBJECT,
      headers: { ...JSON_TYPE, 'if-unmodified-since': 'Sun, 08 Feb 2026 10:00:00 GMT' },
      body: '{"Status":"x"}',
    },
  ],
  answer({ method, path, query, json, headers }, record) {
    if (path !== SOBJECT) {
      return salesforceErrors(404, ['NOT_FOUND', 'The requested resource does not exist']);
    }
    const modified = record.modified.toISOString().replace('Z', '+0000');
    const all: Record<string, unknown> = { ...record.values, LastModifiedDate: modified };
    if (method === 'GET') {
      const names = query.get('fields')?.split(',') ?? Object.keys(all);
      const unknown = names.find(name => !(name in all));
      if (unknown !== undefined) {
        const message = `No such column '${unknown}' on sobject of type Order`;
        return salesforceErrors(400, ['INVALID_FIELD', message]);
      }
      const fields = Object.fromEntries(names.map(name => [name, all[name]]));
      return { status: 200, body: { attributes: { type: 'Order' }, ...fields, Id: '801xx01' } };
    }
    if (method !== 'PATCH') {
      const message = `HTTP Method '${method}' not allowed. Allowed are HEAD,GET,PATCH,DELETE`;
      return salesforceErrors(405, ['METHOD_NOT_ALLOWED', message]);
    }
    const since = headers['if-unmodified-since'];
    if (since !== undefined && !since.endsWith(' GMT')) {
      return salesforceErrors(400, ['MALFORMED_HEADER', 'If-Unmodified-Since is invalid']);
    }
    if (since !== undefined && record.modified.getTime() > Date.parse(since))
      return { status: 412 };
    if (membersOf(json).Status === 'Nonsense') {
      return salesforceErrors(
        400,
        [
          'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
          'bad value for restricted picklist field: Nonsense',
        ],
        ['REQUIRED_FIELD_MISSING', 'Required fields are missing: [Reason]'],
      );
    }
    record.write(membersOf(json));
    return { status: 204 };
  },
};

const WORK_ORDER = '/maximo/api/os/mxwodetail/_QkVERi8xMDAx';
const maximoError = (status: number, reasonCode: string, message: string): Reply => ({
  status,
  body: {
    Error: {
      extendedError: { moreInfo: { href: 'x' } },
      reasonCode,
      message,
      statusCode: String(status),
    },
  },
});

/** Maximo: updates are a POST that says PATCH, and the ETag has no quotes. */
export const MAXIMO: PlayedApi = {
  ...USUAL,
  recipe: 'maximo',
  base: '/maximo/api/os',
  collection: 'mxwodetail',
  key: '_QkVERi8xMDAx',
  method: 'PATCH',
  refused: {
    changes: { status: 'NONSENSE' },
    outcome: 'rejected',
    message: 'BMXAA4190E - NONSENSE is not in the value list.',
    code: 'BMXAA4190E',
  },
  wrong: [
    {
      what: 'PATCH itself',
      status: 405,
      method: 'PATCH',
      path: WORK_ORDER,
      headers: JSON_TYPE,
      body: '{"status":"x"}',
    },
    {
      what: 'a POST that does not say what it means',
      status: 400,
      method: 'POST',
      path: `${WORK_ORDER}?lean=1`,
      headers: JSON_TYPE,
      body: '{"status":"x"}',
    },
    {
      what: 'an outdated version',
      status: 412,
      method: 'POST',
      path: `${WORK_ORDER}?lean=1`,
      headers: { ...JSON_TYPE, 'x-method-override': 'PATCH', 'if-match': '1' },
      body: '{"status":"x"}',
    },
  ],
  answer({ method, path, query, json, headers }, record) {
    if (path !== WORK_ORDER) return maximoError(404, 'BMXAA8727E', 'The resource was not found.');
    const isLean = query.get('lean') === '1';
    const etag = () => String(123_000 + record.revision);
    if (method === 'GET') {
      const entries = Object.entries(record.values);
      const body = Object.fromEntries(
        entries.map(([name, value]) => [isLean ? name : `spi:${name}`, value]),
      );
      return { status: 200, headers: { etag: etag() }, body: { ...body, _rowstamp: etag() } };
    }
    if (method !== 'POST') return maximoError(405, 'BMXAA9373E', 'The method is not allowed.');
    if (headers['x-method-override'] !== 'PATCH') {
      return maximoError(400, 'BMXAA0024E', 'The action is not allowed on the resource.');
    }
    const known = headers['if-match'];
    if (known !== undefined && known !== '*' && known !== etag()) {
      return maximoError(412, 'BMXAA9549E', 'The precondition failed.');
    }
    const changes = membersOf(json);
    const unknown = Object.keys(changes).find(name => !isLean || !(name in record.values));
    if (unknown !== undefined) {
      return maximoError(400, 'BMXAA9301E', `The property ${unknown} is not valid.`);
    }
    if (changes.status === 'NONSENSE') {
      return maximoError(400, 'BMXAA4190E', 'BMXAA4190E - NONSENSE is not in the value list.');
    }
    record.write(changes);
    return { status: 204, headers: { etag: etag() } };
  },
};

const DOCTYPE = '/api/resource/Sales Order/SO-1';

/** ERPNext, and everything else made with Frappe. A 417 is any fault of the changes. */
export const ERPNEXT: PlayedApi = {
  ...USUAL,
  recipe: 'erpnext',
  base: '/api/resource',
  collection: 'Sales Order',
  key: 'SO-1',
  method: 'PATCH',
  refused: {
    changes: { status: 'Nonsense' },
    // A 417 that is not about the version is about the record.
    outcome: 'invalid-state',
    message: 'frappe.exceptions.ValidationError: Status cannot be "Nonsense"',
    code: 'ValidationError',
  },
  wrong: [
    {
      what: 'an outdated version',
      status: 417,
      method: 'PUT',
      path: '/api/resource/Sales%20Order/SO-1',
      headers: JSON_TYPE,
      body: '{"modified":"2026-01-01 00:00:00.000000","note":"x"}',
    },
    {
      what: 'PATCH',
      status: 405,
      method: 'PATCH',
      path: '/api/resource/Sales%20Order/SO-1',
      body: '{}',
    },
  ],
  answer({ method, path, json }, record) {
    if (decodeURIComponent(path) !== DOCTYPE) {
      return { status: 404, body: { exc_type: 'DoesNotExistError' } };
    }
    const modified = () => record.modified.toISOString().replace('T', ' ').replace('Z', '000');
    const shown = (): Reply => {
      const data = { name: 'SO-1', doctype: 'Sales Order', modified: modified() };
      return { status: 200, body: { data: { ...data, ...record.values } } };
    };
    if (method === 'GET') return shown();
    if (method !== 'PUT') return { status: 405, body: { exc_type: 'MethodNotAllowed' } };
    const refused = (type: string, text: string): Reply => ({
      status: 417,
      body: { exception: `frappe.exceptions.${type}: ${text}`, exc_type: type },
    });
    const { modified: known = modified(), ...changes } = membersOf(json);
    if (known !== modified()) {
      const text = `Error: Document has been modified after you have opened it (${String(known)}, ${modified()}). Please refresh to get the latest document.`;
      return refused('TimestampMismatchError', text);
    }
    if (changes.status === 'Nonsense') {
      return refused('ValidationError', 'Status cannot be "Nonsense"');
    }
    record.write(changes);
    return shown();
  },
};

const TICKET = '/api/v2/tickets/35436.json';

/** Zendesk: versions are looked at where the ticket says safe_update. */
export const ZENDESK: PlayedApi = {
  ...USUAL,
  recipe: 'zendesk',
  base: '/api/v2',
  collection: 'tickets',
  key: 35436,
  method: 'PATCH',
  refused: {
    changes: { status: 'nonsense' },
    outcome: 'rejected',
    message: 'Record validation errors',
    code: 'RecordInvalid',
  },
  wrong: [
    {
      what: 'changes without "ticket"',
      status: 400,
      method: 'PUT',
      path: TICKET,
      headers: JSON_TYPE,
      body: '{"status":"hold"}',
    },
    {
      what: 'an outdated version',
      status: 409,
      method: 'PUT',
      path: TICKET,
      headers: JSON_TYPE,
      body: '{"ticket":{"safe_update":true,"updated_stamp":"2026-01-01T00:00:00Z"}}',
    },
    { what: 'PATCH', status: 405, method: 'PATCH', path: TICKET, body: '{"ticket":{}}' },
  ],
  answer({ method, path, json }, record) {
    if (path !== TICKET)
      return { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } };
    const stamp = () => record.modified.toISOString().replace('.000', '');
    const shown = (): Reply => ({
      status: 200,
      body: { ticket: { id: 35436, ...record.values, updated_at: stamp() } },
    });
    if (method === 'GET') return shown();
    if (method !== 'PUT') return { status: 405, body: { error: 'MethodNotAllowed' } };
    const { ticket } = membersOf(json);
    if (ticket === undefined) {
      const message = 'You passed an invalid value for the ticket attribute.';
      return { status: 400, body: { error: { title: 'Invalid attribute', message } } };
    }
    const { safe_update: isSafe, updated_stamp: known, ...changes } = membersOf(ticket);
    if (isSafe === true && known !== stamp()) {
      const description =
        'Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.';
      return { status: 409, body: { error: 'UpdateConflict', description } };
    }
    if (changes.status === 'nonsense') {
      const details = { status: [{ description: 'Status: nonsense is not a valid status' }] };
      const description = 'Record validation errors';
      return { status: 422, body: { error: 'RecordInvalid', description, details } };
    }
    record.write(changes);
    return shown();
  },
};

const RESOURCE = '/fhir/ServiceRequest/1';
const FHIR_TYPE = 'application/fhir+json';

const outcome = (status: number, code: string, diagnostics: string): Reply => ({
  status,
  body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] },
});

/** A FHIR server, which takes whole resources. @param stale what it says of an outdated version */
function fhir(stale: 409 | 412): PlayedApi {
  return {
    ...USUAL,
    recipe: 'fhir',
    name: `fhir, ${stale}`,
    base: '/fhir',
    collection: 'ServiceRequest',
    key: '1',
    method: 'PUT',
    values: { status: 'active', note: 'n0' },
    changes: { status: 'completed' },
    theirs: { status: 'revoked' },
    refused: {
      changes: { status: 'nonsense' },
      outcome: 'rejected',
      message: 'Unknown code nonsense',
      code: 'code-invalid',
    },
    wrong: [
      {
        what: 'another media type',
        status: 415,
        method: 'PUT',
        path: RESOURCE,
        headers: JSON_TYPE,
        body: '{"resourceType":"ServiceRequest","id":"1"}',
      },
      {
        what: 'a resource without its id',
        status: 400,
        method: 'PUT',
        path: RESOURCE,
        headers: { 'content-type': FHIR_TYPE },
        body: '{"resourceType":"ServiceRequest"}',
      },
      {
        what: 'an outdated version',
        status: stale,
        method: 'PUT',
        path: RESOURCE,
        headers: { 'content-type': FHIR_TYPE, 'if-match': 'W/"1"' },
        body: '{"resourceType":"ServiceRequest","id":"1"}',
      },
    ],
    answer: (request, record) => fhirAnswer(request, record, stale),
  };
}

export const FHIR = fhir(412);
export const FHIR_BEFORE_R4 = fhir(409);

function fhirAnswer(
  { method, path, type, json, headers }: PlayedRequest,
  record: Parameters<PlayedApi['answer']>[1],
  stale: 409 | 412,
): Reply {
  if (path !== RESOURCE) return outcome(404, 'not-found', 'Resource is not known');
  const etag = () => `W/"${record.revision}"`;
  const shown = (): Reply => {
    const meta = { versionId: String(record.revision), lastUpdated: record.modified.toISOString() };
    const body = { resourceType: 'ServiceRequest', id: '1', meta, ...record.values };
    return { status: 200, headers: { etag: etag(), 'content-type': FHIR_TYPE }, body };
  };
  if (method === 'GET') return shown();
  if (type !== FHIR_TYPE) return outcome(415, 'not-supported', `Content-Type ${type}`);
  if (method !== 'PUT') return outcome(405, 'not-supported', 'The method is not allowed');
  const { resourceType, id, meta, ...values } = membersOf(json);
  if (resourceType !== 'ServiceRequest' || id !== '1') {
    return outcome(400, 'invalid', 'The id of the resource must be that of the address');
  }
  const known = headers['if-match'];
  if (known !== undefined && known !== '*' && known !== etag()) {
    return outcome(stale, 'conflict', `Version ${known} is not current: ${JSON.stringify(meta)}`);
  }
  if (values.status === 'nonsense') return outcome(422, 'code-invalid', 'Unknown code nonsense');
  record.replace(values);
  return shown();
}
