import { InputError } from '../../errors';
import { isHeaderToken } from './part-request';

/**
 * How an API reads and writes many records with one request, where that is not certain from its family. Plain data with
 * a number of its form, so that it can be stored, and read by later versions.
 */
export interface BulkSettings {
  readonly v: 1;
  /** Longest address of a list, in characters: IIS takes a query of 2,048 unless told otherwise, and some proxies no more. */
  readonly maxAddress: number;
  /** Most records in one request. */
  readonly most: number;
  /** OData: name of the key field of records whose key is one value; empty: as the family knows it, or unknown. */
  readonly keyField: string;
  /**
   * OData: how a filter names several records; `family`: as is certain there. `in` came with OData 4.01; at
   * Dataverse it is the function In, which makes for shorter addresses. */
  readonly filter: 'family' | 'or' | 'in';
  /** OData: most comparisons in a filter with `or`. ASP.NET services take 100 nodes unless told otherwise, five for each. */
  readonly mostComparisons: number;
  /**
   * OData: the form of batches; `family`: as is certain there. The general REST family has batches only where a form
   * is chosen and its addresses are those of OData.
   */
  readonly batchFormat: 'family' | 'json' | 'multipart';
  /** Of JSON APIs: how many records are read at once. `family`: as is usual there, which may be not at all. */
  readonly list: 'family' | 'none' | ListSettings;
  /** Of JSON APIs: how many records are written at once. */
  readonly endpoint: 'family' | 'none' | EndpointSettings;
}

/** Where something lies: below the base URL, or below the collection of the records. */
export interface Address {
  /** Steps of a path such as `bulk` or `assignments/bulk`; empty: the base URL or the collection itself. */
  readonly path: string;
  readonly below: 'base' | 'collection';
}

/** A list that names its records in the address: `GET assignments?ids=T001,T002&fields=id,etag`. */
export interface ListSettings extends Address {
  /** Query parameter for the keys. */
  readonly ids: string;
  /** Between two keys. */
  readonly separator: string;
  /** Query parameter for the fields to read; empty: all are read. */
  readonly fields: string;
  /** Dotted path of the records in the body; empty: the body is the list. */
  readonly items: string;
  /** Dotted path of the key in a record. */
  readonly id: string;
  /** Dotted path of the version in a record; empty: where a single record has it in its body. */
  readonly version: string;
  /** Dotted path, in the body, of the address of the next page; empty: there is only one. */
  readonly next: string;
}

/** An endpoint that takes changes of many records: `POST assignments/bulk`. */
export interface EndpointSettings extends Address {
  /** Member of the body that holds the items; empty: the body is their list. */
  readonly items: string;
  /** Member of an item that holds the key. */
  readonly id: string;
  /** Member of an item that holds the changes; empty: they are members of the item. */
  readonly changes: string;
  /**
   * Where the version of each record goes: into a member of its item, as If-Match into a member that holds headers, or
   * into one header of the request that maps keys to versions as JSON.
   */
  readonly versionTo: 'item' | 'item-headers' | 'header';
  /** Name of that member or header. */
  readonly versionName: string;
  readonly results: ResultSettings;
  /** Query that makes it all or nothing, such as `transaction=true`; empty: there is no such. */
  readonly atomicQuery: string;
}

export interface ResultSettings {
  /** Dotted path of the results in the body; empty: the body itself. */
  readonly path: string;
  /**
   * `list`: one object for each item. `wrapped`: each alone in an object with one member, named after what was done
   * (Elasticsearch). `map`: an object that names each by its key.
   */
  readonly shape: 'list' | 'wrapped' | 'map';
  /** Dotted paths in a result. */
  readonly id: string;
  readonly status: string;
  /** Empty: a result tells none. */
  readonly version: string;
  /** Empty: the result is searched for a reason. */
  readonly error: string;
  /** Of the record as it is now; empty: a result does not show it. */
  readonly record: string;
}

export const DEFAULT_BULK_SETTINGS: BulkSettings = {
  v: 1,
  maxAddress: 2000,
  most: 100,
  keyField: '',
  filter: 'family',
  mostComparisons: 20,
  batchFormat: 'family',
  list: 'family',
  endpoint: 'family',
};

/** The name that the field reports suggest for the header with all versions. */
export const VERSIONS_HEADER = 'X-ETags';

/** Territory assignments of SAP CX, as the field reports show them. */
export const SAP_CX_LIST: ListSettings = {
  path: '',
  below: 'collection',
  ids: 'ids',
  separator: ',',
  fields: 'fields',
  items: 'assignments',
  id: 'id',
  version: 'etag',
  next: '',
};

export const SAP_CX_ENDPOINT: EndpointSettings = {
  path: 'bulk',
  below: 'collection',
  items: 'assignments',
  id: 'id',
  changes: '',
  versionTo: 'header',
  versionName: VERSIONS_HEADER,
  results: {
    path: 'results',
    shape: 'list',
    id: 'id',
    status: 'status',
    version: 'etag',
    error: 'error',
    record: '',
  },
  atomicQuery: 'transaction=true',
};

/**
 * Refuses settings that no request could follow. Throws InputError `BULK_SETTINGS_INVALID`, which names the field.
 */
export function checkBulkSettings(settings: BulkSettings): void {
  const { v, list, endpoint } = settings;
  if ((v as number) !== 1)
    throw invalid(
      'v',
      'is of a version that is not known here; install a newer version of this package, or set it to 1',
    );
  checkCount('maxAddress', settings.maxAddress, 200, 100_000);
  checkCount('most', settings.most, 1, 1000);
  checkCount('mostComparisons', settings.mostComparisons, 1, 10_000);
  if (!/^(?:[A-Za-z_]\w{0,127})?$/.test(settings.keyField)) {
    throw invalid('keyField', 'is not the name of a field; give the name alone, for example "ID"');
  }
  checkChoice('filter', settings.filter, ['family', 'or', 'in']);
  checkChoice('batchFormat', settings.batchFormat, ['family', 'json', 'multipart']);
  if (typeof list === 'string') checkChoice('list', list, ['family', 'none']);
  else checkList(list);
  if (typeof endpoint === 'string') checkChoice('endpoint', endpoint, ['family', 'none']);
  else checkEndpoint(endpoint);
}

function checkList(list: ListSettings): void {
  checkPlace('list', list);
  checkParameter('list.ids', list.ids);
  if (list.fields !== '') checkParameter('list.fields', list.fields);
  checkParts('list', { id: list.id });
  if (!/^[,;|:]$/.test(list.separator)) {
    throw invalid('list.separator', 'must be one of , ; | and :');
  }
}

function checkEndpoint(endpoint: EndpointSettings): void {
  const { versionTo, versionName, results } = endpoint;
  checkPlace('endpoint', endpoint);
  checkChoice('endpoint.versionTo', versionTo, ['item', 'item-headers', 'header']);
  if (versionName === '' || (versionTo === 'header' && !isHeaderToken(versionName))) {
    throw invalid(
      'endpoint.versionName',
      `must name a ${versionTo === 'header' ? `header, for example "${VERSIONS_HEADER}"` : 'member, for example "etag"'}`,
    );
  }
  if (versionTo === 'header' && OF_THE_REQUEST.test(versionName)) {
    throw invalid(
      'endpoint.versionName',
      'is a header with a meaning of its own; choose another one',
    );
  }
  checkParts('endpoint', { id: endpoint.id });
  const clash = versionTo !== 'header' && [endpoint.id, endpoint.changes].includes(versionName);
  if (clash || endpoint.id === endpoint.changes) {
    throw invalid(
      'endpoint',
      'uses one member for two things: key, changes and version need one each',
    );
  }
  checkChoice('endpoint.results.shape', results.shape, ['list', 'wrapped', 'map']);
  checkParts('endpoint.results', { status: results.status });
  if (results.shape !== 'map') checkParts('endpoint.results', { id: results.id });
  if (!/^(?:[\w.~-]+=[\w.~%-]*(?:&[\w.~-]+=[\w.~%-]*)*)?$/.test(endpoint.atomicQuery)) {
    throw invalid(
      'endpoint.atomicQuery',
      'is not of the form name=value, for example "transaction=true"',
    );
  }
}

const OF_THE_REQUEST =
  /^(?:if-.*|authorization|cookie|host|content-.*|transfer-encoding|connection|accept.*|x-csrf-token)$/i;

function checkPlace(field: string, { path, below }: Address): void {
  checkChoice(`${field}.below`, below, ['base', 'collection']);
  const steps = path.split('/');
  const isPath = steps.every(step => /^[\w.~$-]+$/.test(step) && step !== '.' && step !== '..');
  if (path !== '' && !isPath) {
    throw invalid(
      `${field}.path`,
      'is no path; give steps such as "assignments/bulk", without a leading "/", "?" or ".."',
    );
  }
  if (path === '' && below === 'base') {
    throw invalid(`${field}.path`, 'is empty; name the path below the base URL');
  }
}

function checkParameter(field: string, name: string): void {
  if (/^[$\w.~-]+$/.test(name)) return;
  throw invalid(
    field,
    'is not the name of a query parameter; give the name alone, for example "ids"',
  );
}

function checkParts(field: string, parts: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parts)) {
    if (value === '') throw invalid(`${field}.${name}`, 'is empty; name the member that holds it');
  }
}

function checkChoice(field: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) throw invalid(field, `must be one of ${choices.join(', ')}`);
}

function checkCount(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(field, `must be a whole number from ${least} to ${most}`);
}

function invalid(field: string, problem: string): InputError {
  return new InputError(
    'BULK_SETTINGS_INVALID',
    `The setting "${field}" for many records at once ${problem}.`,
  );
}
