import type { BaseUrl } from '../../record/url';
import type { RecordKey } from '../../record/fields';
import { isFields } from '../../record/fields';
import type { RecordRef } from '../../record/ref';
import type { ApiFamily } from '../family';
import { ODATA_V2, ODATA_V4 } from '../odata/odata-format';
import type { ApiSettings } from '../settings';
import type { BulkApi } from './bulk-api';
import { couchReads, couchWrites } from './couchdb-bulk';
import { odataWrites } from './odata-batch';
import type { ListDialect } from './odata-list';
import { odataReads } from './odata-reads';
import { restWrites } from './rest-bulk';
import { restReads, type RestDialect } from './rest-list';
import { serviceAt } from './service';
import {
  checkBulkSettings,
  SAP_CX_ENDPOINT,
  SAP_CX_LIST,
  type BulkSettings,
  type EndpointSettings,
  type ListSettings,
} from './settings';

/** What the endpoint says of its API. */
export interface BulkParts {
  readonly settings: ApiSettings;
  readonly bulk: BulkSettings;
  readonly baseUrl: BaseUrl;
}

/**
 * How an API takes many records with one request.
 * Throws InputError `BULK_SETTINGS_INVALID` or `BASE_URL_INVALID`.
 */
export function createBulkApi(family: ApiFamily, parts: BulkParts): BulkApi {
  checkBulkSettings(parts.bulk);
  switch (family.id) {
    case 'dataverse':
    case 'finance-operations':
    case 'sap-gateway':
    case 'odata':
      return odataBulk(family, parts);
    case 'couchdb':
      return couchBulk(parts);
    case 'sap-cx':
      return restBulk(family, parts, { list: SAP_CX_LIST, endpoint: SAP_CX_ENDPOINT });
    case 'rest':
      return isODataByChoice(parts) ? odataBulk(family, parts) : restBulk(family, parts, {});
    case 'apriso':
      // No public reference tells of lists or bulk endpoints.
      return restBulk(family, parts, {});
  }
}

/** The general family speaks OData batches only where the settings say so. */
function isODataByChoice({ settings, bulk }: BulkParts): boolean {
  return settings.keyStyle === 'odata' && bulk.batchFormat !== 'family';
}

function couchBulk({ settings, bulk, baseUrl }: BulkParts): BulkApi {
  const dialect = { service: serviceAt(baseUrl, settings.query), most: bulk.most };
  return { reads: couchReads(dialect), writes: couchWrites(dialect) };
}

function restBulk(
  family: ApiFamily,
  { settings, bulk, baseUrl }: BulkParts,
  usual: { readonly list?: ListSettings; readonly endpoint?: EndpointSettings },
): BulkApi {
  const dialect: RestDialect = {
    service: serviceAt(baseUrl, settings.query),
    family,
    api: settings,
    most: bulk.most,
    maxAddress: bulk.maxAddress,
  };
  const list = chosen(bulk.list, usual.list);
  const endpoint = chosen(bulk.endpoint, usual.endpoint);
  return {
    ...(list === undefined ? {} : { reads: restReads(dialect, list) }),
    ...(endpoint === undefined ? {} : { writes: restWrites(dialect, endpoint) }),
  };
}

function chosen<T>(choice: T | 'family' | 'none', usual: T | undefined): T | undefined {
  if (choice === 'family') return usual;
  return choice === 'none' ? undefined : choice;
}

function odataBulk(family: ApiFamily, parts: BulkParts): BulkApi {
  const dialect = odataDialect(family, parts);
  return { reads: odataReads(dialect), writes: odataWrites(dialect) };
}

function odataDialect(family: ApiFamily, { settings, bulk, baseUrl }: BulkParts): ListDialect {
  const isV2 = isOfV2(family, settings);
  return {
    service: serviceAt(baseUrl, settings.query),
    format: isV2 ? ODATA_V2 : ODATA_V4,
    isV2,
    form: formOf(family, bulk, isV2),
    most: bulk.most,
    family,
    filter: filterOf(family, bulk, isV2),
    maxAddress: bulk.maxAddress,
    mostComparisons: bulk.mostComparisons,
    keyNames: ref => keyNames(family, bulk, ref),
    spelled: key => spelled(family, key),
  };
}

function isOfV2({ id }: ApiFamily, { odataVersion, recordPath }: ApiSettings): boolean {
  if (id === 'sap-gateway') return odataVersion === 'v2';
  return id === 'rest' && recordPath === 'd';
}

/**
 * JSON batches came with OData 4.01: services in use today take them (SAP CAP, ASP.NET), and ids are certain in them.
 * Dataverse, Finance & Operations and SAP Gateway document multipart only; V2 has nothing else.
 */
function formOf(
  { id }: ApiFamily,
  { batchFormat }: BulkSettings,
  isV2: boolean,
): 'json' | 'multipart' {
  if (isV2) return 'multipart';
  if (batchFormat !== 'family') return batchFormat;
  return id === 'odata' ? 'json' : 'multipart';
}

/**
 * `in` came with OData 4.01, and nothing in an answer to a single record tells whether a service has it; `or` is as old
 * as filters. Dataverse has a function of its own for it.
 */
function filterOf(
  { id }: ApiFamily,
  { filter }: BulkSettings,
  isV2: boolean,
): ListDialect['filter'] {
  if (isV2 || filter !== 'in') return 'or';
  return id === 'dataverse' ? 'dataverse' : 'in';
}

/** An alternate key of Dataverse looks like a composite one, but its text is compared as the database likes. */
function keyNames(
  family: ApiFamily,
  { keyField }: BulkSettings,
  { collection, key }: RecordRef,
): readonly string[] | undefined {
  const known = keyField === '' ? family.keyField(collection) : keyField;
  if (!isFields(key)) return known === undefined ? undefined : [known];
  const names = Object.keys(key);
  const isPrimary = names.length === 1 && names[0] === known;
  return family.id !== 'dataverse' || isPrimary ? names : undefined;
}

/** The case of a company id does not matter, and answers need not repeat it. */
function spelled({ id }: ApiFamily, key: RecordKey): RecordKey {
  if (id !== 'finance-operations' || typeof key !== 'object') return key;
  const { dataAreaId } = key;
  return typeof dataAreaId === 'string' ? { ...key, dataAreaId: dataAreaId.toLowerCase() } : key;
}
