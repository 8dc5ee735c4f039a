import type { FamilyId } from '../../lib/api/family-ids';
import { defaultsOf, fieldsWhen, type ConfigOf, type Fields, type Saved } from '../shared/fields';
import { HOURS_FIELDS } from '../shared/hours-fields';
import { RETRY_FIELDS } from '../shared/retry-config';
import { BULK_INPUTS } from './bulk-fields';
import { settingsFor } from './bulk-settings';
import { EXCHANGE_INPUTS } from './exchange-fields';
import { exchangeFor } from './exchange-settings';
import {
  annotationClash,
  headersClash,
  idempotencyClash,
  noPathClash,
  queryClash,
  unmodifiedSinceClash,
} from './clashes';
import { SIGN_IN_FIELDS } from './sign-in-fields';

const REST = 'family=rest';
const URL_ONLY = 'server=url';
const PEAK = 'peak=true';
const FAMILIES = [
  'dataverse',
  'finance-operations',
  'sap-gateway',
  'odata',
  'sap-cx',
  'apriso',
  'couchdb',
  'rest',
] as const satisfies readonly FamilyId[];

/** Version 1: before there was a choice, the client secret stood in the form and the idempotency key in quotes. */
function withItsChoices(saved: Saved): Saved {
  const {
    auth,
    clientAuth = auth === 'oauth2' ? 'body' : 'basic',
    idempotencyHeader = '',
    idempotencyKey = idempotencyHeader === '' ? 'bare' : 'quoted',
  } = saved;
  return { ...saved, clientAuth, idempotencyKey };
}

export const ENDPOINT_FIELDS = {
  name: { kind: 'text', value: '' },
  configVersion: { kind: 'version', value: 1, steps: [withItsChoices] },
  /** Nothing until it is chosen. `practice`: the built-in Practice API, started in the Node-RED process on a free loopback port. */
  server: {
    kind: 'choice',
    value: '',
    options: ['', 'practice', 'url'],
    required: true,
    label: 'record-endpoint.label.server',
    missing: 'SERVER_MISSING',
  },
  /** How busy the Practice API is. */
  practiceLoad: {
    kind: 'choice',
    value: 'peak',
    options: ['quiet', 'off-peak', 'peak', 'shift-change'],
    when: 'server=practice',
  },
  family: { kind: 'choice', value: 'dataverse', options: FAMILIES },
  baseUrl: {
    kind: 'base-url',
    value: '',
    when: URL_ONLY,
    label: 'record-endpoint.label.base-url',
    code: 'BASE_URL_INVALID',
  },
  ...SIGN_IN_FIELDS,
  /** Of the core. */
  tls: { kind: 'node', value: '', type: 'tls-config', label: 'record-endpoint.label.tls' },
  proxy: { kind: 'node', value: '', type: 'http proxy', label: 'record-endpoint.label.proxy' },

  /** Of SAP Gateway. */
  odataVersion: {
    kind: 'choice',
    value: 'v2',
    options: ['v2', 'v4'],
    when: `family=sap-gateway;${URL_ONLY}`,
  },
  /** Of Finance & Operations. */
  crossCompany: {
    kind: 'flag',
    value: true,
    when: 'family=finance-operations',
    label: 'record-endpoint.label.cross-company',
  },
  /** Part of an error message that means that the same write may go again; case does not count. */
  retryText: { kind: 'text', value: '', label: 'record-endpoint.label.retry-text' },
  /** Added to every address of a record, for example `sap-client=100`. */
  query: {
    kind: 'query',
    value: '',
    label: 'record-endpoint.label.query',
    code: 'QUERY_INVALID',
    also: queryClash,
  },

  /** Added to every request, in the place of others of the same name; no secrets. */
  headers: {
    kind: 'headers',
    value: '',
    when: URL_ONLY,
    label: 'record-endpoint.label.headers',
    code: 'HEADER_INVALID',
    also: headersClash,
  },
  /** `family`: as the API usually wants it. */
  csrfToken: {
    kind: 'choice',
    value: 'family',
    options: ['family', 'fetch', 'none'],
    when: `${URL_ONLY};family=sap-gateway|odata|sap-cx`,
  },

  /** Of plain OData, where body and header name different ones. */
  etagFrom: { kind: 'choice', value: 'body', options: ['body', 'header'], when: 'family=odata' },

  // The generic family
  versionFrom: {
    kind: 'choice',
    value: 'etag',
    options: ['etag', 'field', 'last-modified'],
    when: REST,
  },
  versionField: {
    kind: 'text',
    value: '',
    required: true,
    when: `${REST};versionFrom=field`,
    label: 'record-endpoint.label.version-field',
    code: 'VERSION_FIELD_MISSING',
    missing: 'VERSION_FIELD_MISSING',
    also: noPathClash,
  },
  versionTo: {
    kind: 'choice',
    value: 'header',
    options: ['header', 'field'],
    when: `${REST};versionFrom=field`,
    label: 'record-endpoint.label.version-to',
    code: 'VERSION_TO_INVALID',
    also: annotationClash,
  },
  recordPath: {
    kind: 'text',
    value: '',
    when: REST,
    label: 'record-endpoint.label.record-path',
  },
  keyStyle: { kind: 'choice', value: 'path', options: ['path', 'odata'], when: REST },
  fieldsParameter: {
    kind: 'parameter',
    value: '',
    when: REST,
    label: 'record-endpoint.label.fields-parameter',
    code: 'FIELDS_PARAMETER_INVALID',
  },
  /** All others have a meaning that is about access, time or the server, not about the record. */
  conflictStatuses: {
    kind: 'numbers',
    value: '409, 412',
    min: 400,
    max: 499,
    whole: true,
    blank: true,
    except: [401, 403, 404, 407, 408, 410, 429],
    when: REST,
    label: 'record-endpoint.label.conflict-statuses',
    code: 'CONFLICT_STATUSES_INVALID',
  },
  conflictText: {
    kind: 'text',
    value: '',
    when: REST,
    label: 'record-endpoint.label.conflict-text',
  },
  createdIsUpdate: {
    kind: 'flag',
    value: false,
    when: REST,
    label: 'record-endpoint.label.created-is-update',
  },
  missingMeansNull: {
    kind: 'flag',
    value: false,
    when: REST,
    label: 'record-endpoint.label.missing-means-null',
  },
  csrf: { kind: 'flag', value: false, when: REST, label: 'record-endpoint.label.csrf' },
  cacheHeader: {
    kind: 'header',
    value: '',
    when: REST,
    label: 'record-endpoint.label.cache-header',
    code: 'CACHE_HEADER_INVALID',
  },

  /** What the general family sends, and what answers mean: `exchangeFor` in `exchange-settings.ts`. */
  exchange: {
    kind: 'object',
    value: exchangeFor(defaultsOf(EXCHANGE_INPUTS)),
    when: REST,
    own: true,
  },

  /** Sends If-Unmodified-Since beside If-Match, which CouchDB does not take. */
  unmodifiedSince: {
    kind: 'flag',
    value: false,
    when: 'family!=couchdb',
    label: 'record-endpoint.label.unmodified-since',
    code: 'UNMODIFIED_SINCE_UNSUPPORTED',
    also: unmodifiedSinceClash,
  },
  /** Dotted path of the time of the last change; empty: the Last-Modified header. */
  modifiedField: {
    kind: 'text',
    value: '',
    when: 'family!=couchdb;unmodifiedSince=true',
    label: 'record-endpoint.label.modified-field',
  },
  /** Header of an Idempotency-Key; empty: none is sent. */
  idempotencyHeader: {
    kind: 'header',
    value: '',
    label: 'record-endpoint.label.idempotency-header',
    code: 'IDEMPOTENCY_HEADER_INVALID',
    also: idempotencyClash,
  },
  /** How the key stands in the header. */
  idempotencyKey: {
    kind: 'choice',
    value: 'bare',
    options: ['bare', 'quoted'],
    when: 'idempotencyHeader!=',
  },

  /** Most requests under way at a time. */
  parallel: {
    kind: 'number',
    value: 50,
    min: 1,
    max: 1000,
    whole: true,
    label: 'record-endpoint.label.parallel',
  },
  /** Most updates that wait until they may begin, of all endpoints with the same credential. */
  maxWaiting: {
    kind: 'number',
    value: 10_000,
    min: 0,
    max: 1_000_000,
    whole: true,
    label: 'record-endpoint.label.max-waiting',
  },
  /** Longest wait until an update may begin; empty: no limit. */
  maxWait: {
    kind: 'number',
    value: '',
    min: 0.1,
    max: 86_400,
    unit: 's',
    blank: true,
    label: 'record-endpoint.label.max-wait',
  },
  /** Tokens for retries after faults and throttling; empty: no budget. */
  retryBudget: {
    kind: 'number',
    value: 100,
    min: 1,
    max: 1_000_000,
    whole: true,
    blank: true,
    label: 'record-endpoint.label.retry-budget',
  },
  /** Percent of a token that a proper answer earns. */
  retryEarned: {
    kind: 'number',
    value: 20,
    min: 0,
    max: 100,
    unit: '%',
    when: 'retryBudget!=',
    label: 'record-endpoint.label.retry-earned',
  },

  /** How many records are read and written with one request: `settingsFor` in `bulk-settings.ts`. */
  bulk: { kind: 'object', value: settingsFor(defaultsOf(BULK_INPUTS)), own: true },
  /** `single`: each record is written with a request of its own, whatever the API takes. */
  bulkWrites: { kind: 'choice', value: 'batches', options: ['batches', 'single'] },
  /** Between two batches of a run. */
  settlePause: {
    kind: 'number',
    value: 0,
    min: 0,
    max: 3600,
    unit: 's',
    label: 'record-endpoint.label.settle-pause',
  },

  peak: { kind: 'flag', value: false, label: 'record-endpoint.label.peak' },
  ...fieldsWhen(PEAK, HOURS_FIELDS),
  peakConflictRetries: {
    kind: 'number',
    value: 12,
    min: 0,
    max: 1000,
    whole: true,
    when: PEAK,
    label: 'record-endpoint.label.peak-conflict-retries',
  },
  peakDeadline: {
    kind: 'number',
    value: 60,
    min: 0.1,
    max: 86_400,
    unit: 's',
    when: PEAK,
    label: 'record-endpoint.label.peak-deadline',
  },
  /** All waits are multiplied by it. */
  peakWaitFactor: {
    kind: 'number',
    value: 2,
    min: 0.1,
    max: 100,
    when: PEAK,
    label: 'record-endpoint.label.peak-wait-factor',
  },

  /** Largest answer that is read. */
  maxResponseKb: {
    kind: 'number',
    value: 1024,
    min: 1,
    max: 1_000_000,
    whole: true,
    unit: 'KB',
    when: URL_ONLY,
    label: 'record-endpoint.label.max-response',
  },
  /** Where the locks of its records are; empty: in this process. */
  store: { kind: 'node', value: '', type: 'record-store', label: 'record-endpoint.label.store' },
  /** An update that gets its turn straight after another one tries the version first that the write of that one returned. */
  chaining: { kind: 'flag', value: true, label: 'record-endpoint.label.chaining' },
  /** Who changed a record last: dotted path in it, read along with it; empty: nobody asks. */
  changedBy: { kind: 'text', value: '', label: 'record-endpoint.label.changed-by' },
  /** When that was. */
  changedAt: { kind: 'text', value: '', label: 'record-endpoint.label.changed-at' },
  /** Of what type a record is: dotted path in it, or a member of its key; empty: its collection. */
  typeField: { kind: 'text', value: '', label: 'record-endpoint.label.type-field' },
  /** Every attempt's versions and field differences go to the log at debug level and into the message. */
  versionLog: { kind: 'flag', value: false, label: 'record-endpoint.label.version-log' },
  ...RETRY_FIELDS,
  /** More retries after conflicts and longer waits while many updates meet conflicts. */
  adaptive: { kind: 'flag', value: false, label: 'record-endpoint.label.adaptive' },
} as const satisfies Fields;

/** For the rows of the form. */
export { BULK_INPUTS } from './bulk-fields';
export { EXCHANGE_INPUTS } from './exchange-fields';

export type RecordEndpointConfig = ConfigOf<typeof ENDPOINT_FIELDS>;

/** What the dialog shows for a new endpoint; also what an endpoint saved by an earlier version lacks. */
export const ENDPOINT_DEFAULTS: RecordEndpointConfig = defaultsOf(ENDPOINT_FIELDS);

export { ENDPOINT_CREDENTIALS, type RecordEndpointCredentials } from './sign-in-fields';
