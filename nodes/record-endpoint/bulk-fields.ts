import type { Clash, ConfigOf, Fields, ReadField } from '../shared/fields';
import type { TextKey, TextName } from '../shared/text-key';

const ODATA = 'family=dataverse|finance-operations|sap-gateway|odata|rest';
const JSON_API = 'family=rest|sap-cx|apriso';
const OWN_LIST = `${JSON_API};bulkList=own`;
const OWN_ENDPOINT = `${JSON_API};bulkEndpoint=own`;

const matching =
  (pattern: RegExp, key: TextKey) =>
  (value: unknown): Clash =>
    pattern.test(String(value).trim()) ? undefined : { key };

/** Steps without `.` and `..`. */
const PATH = /^(?:(?!\.\.?(?:\/|$))[\w.~$-]+(?:\/(?!\.\.?(?:\/|$))[\w.~$-]+)*)?$/;
/** Below the base URL there has to be a path. */
const pathClash =
  (below: string) =>
  (value: unknown, other: ReadField): Clash => {
    const path = String(value).trim();
    if (path === '' && other(below) === 'base') return { key: 'record-endpoint.errors.bulk-base' };
    return PATH.test(path) ? undefined : { key: 'record-endpoint.errors.bulk-path' };
  };

/** Key, changes and version of an item need a member each. */
function changesClash(value: unknown, other: ReadField): Clash {
  const isSame = same(value, other('endpointId'));
  return isSame ? { key: 'record-endpoint.errors.bulk-twice' } : undefined;
}

/** Of the request, or with a meaning of its own. */
const TAKEN =
  /^(?:if-.*|authorization|cookie|host|content-.*|transfer-encoding|connection|accept.*|x-csrf-token)$/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function versionNameClash(value: unknown, other: ReadField): Clash {
  if (other('endpointVersionTo') === 'header') {
    const name = String(value).trim();
    const fits = TOKEN.test(name) && !TAKEN.test(name);
    return fits ? undefined : { key: 'record-endpoint.errors.bulk-header' };
  }
  const isTaken = ['endpointId', 'endpointChanges'].some(name => same(value, other(name)));
  return isTaken ? { key: 'record-endpoint.errors.bulk-twice' } : undefined;
}

function same(one: unknown, other: unknown): boolean {
  return String(one).trim() === String(other).trim();
}

const fieldClash = matching(/^(?:[A-Za-z_]\w{0,127})?$/, 'record-endpoint.errors.bulk-field');
const queryClash = matching(
  /^(?:[\w.~-]+=[\w.~%-]*(?:&[\w.~-]+=[\w.~%-]*)*)?$/,
  'record-endpoint.errors.bulk-query',
);

/**
 * What the dialog asks about many records, by the names of its inputs. Stored is the one object that
 * `lib/api/bulk/settings.ts` describes; `bulk-settings.ts` turns one into the other.
 */
export const BULK_INPUTS = {
  bulkMost: {
    kind: 'number',
    value: 100,
    min: 1,
    max: 1000,
    whole: true,
    label: 'record-endpoint.label.bulk-most',
  },
  bulkMaxAddress: {
    kind: 'number',
    value: 2000,
    min: 200,
    max: 100_000,
    whole: true,
    when: 'family!=couchdb',
    label: 'record-endpoint.label.bulk-max-address',
  },
  bulkKeyField: {
    kind: 'text',
    value: '',
    when: ODATA,
    label: 'record-endpoint.label.bulk-key-field',
    also: fieldClash,
  },
  bulkFilter: { kind: 'choice', value: 'family', options: ['family', 'or', 'in'], when: ODATA },
  bulkMostComparisons: {
    kind: 'number',
    value: 20,
    min: 1,
    max: 10_000,
    whole: true,
    when: ODATA,
    label: 'record-endpoint.label.bulk-most-comparisons',
  },
  bulkBatchFormat: {
    kind: 'choice',
    value: 'family',
    options: ['family', 'json', 'multipart'],
    when: ODATA,
  },

  bulkList: { kind: 'choice', value: 'family', options: ['family', 'none', 'own'], when: JSON_API },
  listPath: text('', OWN_LIST, 'list-path', { also: pathClash('listBelow') }),
  listBelow: {
    kind: 'choice',
    value: 'collection',
    options: ['collection', 'base'],
    when: OWN_LIST,
  },
  listIds: {
    kind: 'parameter',
    value: 'ids',
    required: true,
    when: OWN_LIST,
    label: 'record-endpoint.label.list-ids',
  },
  listSeparator: { kind: 'choice', value: ',', options: [',', ';', '|', ':'], when: OWN_LIST },
  listFields: {
    kind: 'parameter',
    value: 'fields',
    when: OWN_LIST,
    label: 'record-endpoint.label.list-fields',
  },
  listItems: text('', OWN_LIST, 'list-items'),
  listId: text('id', OWN_LIST, 'list-id', { required: true }),
  listVersion: text('', OWN_LIST, 'list-version'),
  listNext: text('', OWN_LIST, 'list-next'),

  bulkEndpoint: {
    kind: 'choice',
    value: 'family',
    options: ['family', 'none', 'own'],
    when: JSON_API,
  },
  endpointPath: text('bulk', OWN_ENDPOINT, 'endpoint-path', { also: pathClash('endpointBelow') }),
  endpointBelow: {
    kind: 'choice',
    value: 'collection',
    options: ['collection', 'base'],
    when: OWN_ENDPOINT,
  },
  endpointItems: text('', OWN_ENDPOINT, 'endpoint-items'),
  endpointId: text('id', OWN_ENDPOINT, 'endpoint-id', { required: true }),
  endpointChanges: text('', OWN_ENDPOINT, 'endpoint-changes', { also: changesClash }),
  endpointVersionTo: {
    kind: 'choice',
    value: 'item',
    options: ['item', 'item-headers', 'header'],
    when: OWN_ENDPOINT,
  },
  endpointVersionName: text('etag', OWN_ENDPOINT, 'endpoint-version-name', {
    required: true,
    also: versionNameClash,
  }),
  endpointAtomicQuery: text('', OWN_ENDPOINT, 'endpoint-atomic-query', { also: queryClash }),
  resultsPath: text('', OWN_ENDPOINT, 'results-path'),
  resultsShape: {
    kind: 'choice',
    value: 'list',
    options: ['list', 'wrapped', 'map'],
    when: OWN_ENDPOINT,
  },
  resultsId: text('id', `${OWN_ENDPOINT};resultsShape!=map`, 'results-id', { required: true }),
  resultsStatus: text('status', OWN_ENDPOINT, 'results-status', { required: true }),
  resultsVersion: text('', OWN_ENDPOINT, 'results-version'),
  resultsError: text('', OWN_ENDPOINT, 'results-error'),
  resultsRecord: text('', OWN_ENDPOINT, 'results-record'),
} as const satisfies Fields;

export type BulkInputs = ConfigOf<typeof BULK_INPUTS>;

interface More {
  readonly required?: true;
  readonly also?: (value: unknown, other: ReadField) => Clash;
}

type Label = TextName<'record-endpoint.label'>;

function text<Value extends string>(value: Value, when: string, label: Label, more: More = {}) {
  const code = 'BULK_SETTINGS_INVALID';
  return {
    kind: 'text' as const,
    value,
    when,
    label: `record-endpoint.label.${label}` as const,
    code,
    ...more,
  };
}
