import { InputError } from '../errors';
import type { NotedFields } from './family';
import { isAnnotation } from './odata/odata-format';
import { DEFAULT_EXCHANGE, type ExchangeSettings } from './rest/exchange';

/**
 * What the endpoint says about its API. The generic family reads all of the first part, so that it can express
 * every other one; a known family takes what its members name.
 */
export interface ApiSettings {
  readonly versionFrom: 'etag' | 'field' | 'last-modified';
  /**
   * Dotted path in the body, with versionFrom `field`. Further ones, after commas, are looked at in turn, where an
   * answer to a write names the version differently: `_rev, rev`.
   */
  readonly versionField: string;
  /** Where the version goes back: a header (If-Match, or If-Unmodified-Since for Last-Modified) or the same body field. */
  readonly versionTo: 'header' | 'field';
  /** Dotted path of the record in the body; empty: the body is the record. */
  readonly recordPath: string;
  /** How a record is addressed: `collection/key` or, at OData services (V2 with recordPath `d`), `collection(key)`. */
  readonly keyStyle: 'path' | 'odata';
  /** Query parameter that names the fields to read, for example `$select`; empty: everything is read. */
  readonly fieldsParameter: string;
  /** Statuses that may mean a version conflict, usually 409 and 412. */
  readonly conflictStatuses: readonly number[];
  /** Part of an error message that means a version conflict whether it comes with 400, 409, 412, 422 or 500; case does not count. Empty: none. */
  readonly conflictText: string;
  /** 201 answers an update, as document stores do. */
  readonly createdIsUpdate: boolean;
  readonly missingMeansNull: boolean;
  /** Writes need a CSRF token and its session. */
  readonly csrf: boolean;
  /** Response header with which a cache says HIT or STALE, for example `X-Cache-Status`; empty: none. */
  readonly cacheHeader: string;

  /** Of the OData and SAP families: whether writes need a CSRF token and its session; `family`: as is usual there. */
  readonly csrfToken: 'family' | 'fetch' | 'none';
  /** Of plain OData: where the ETag is looked for first. */
  readonly etagFrom: 'body' | 'header';
  /** Of SAP Gateway. */
  readonly odataVersion: 'v2' | 'v4';
  /** Of Finance & Operations: records of all companies, not only of the user's own. */
  readonly crossCompany: boolean;

  /** Of every family: part of an error message that means that the same write may go again; case does not count. Empty: none. */
  readonly retryText: string;
  /** Of every family: added to every address of a record, for example `sap-client=100`. */
  readonly query: string;
  /** Of every family that sends If-Match: sends If-Unmodified-Since beside it. */
  readonly unmodifiedSince: boolean;
  /**
   * Dotted path, in the record, of the time of the last change; empty: the Last-Modified header. For
   * If-Unmodified-Since and for versionFrom `last-modified`.
   */
  readonly modifiedField: string;
  /** Of every family: what is to be told of a record besides. */
  readonly noted: NotedFields;

  /** Of the general family: what is sent and what answers mean, where that is not as usual. */
  readonly exchange: ExchangeSettings;
}

export const DEFAULT_API_SETTINGS: ApiSettings = {
  versionFrom: 'etag',
  versionField: '',
  versionTo: 'header',
  recordPath: '',
  keyStyle: 'path',
  fieldsParameter: '',
  conflictStatuses: [409, 412],
  conflictText: '',
  createdIsUpdate: false,
  missingMeansNull: false,
  csrf: false,
  cacheHeader: '',
  csrfToken: 'family',
  etagFrom: 'body',
  odataVersion: 'v2',
  crossCompany: true,
  retryText: '',
  query: '',
  unmodifiedSince: false,
  modifiedField: '',
  noted: { changedBy: '', changedAt: '', type: '' },
  exchange: DEFAULT_EXCHANGE,
};

/** The paths at which the version may be, most important first. */
export function versionPaths({ versionField }: Pick<ApiSettings, 'versionField'>): string[] {
  return versionField
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '');
}

/** Whether the version goes back in the body. `versionTo` counts only for a version that came in the body. */
export function isSentInBody({ versionFrom, versionTo }: ApiSettings): boolean {
  return versionFrom === 'field' && versionTo === 'field';
}

/**
 * Refuses settings that contradict each other or HTTP, before any request leaves.
 * Throws InputError `VERSION_FIELD_MISSING`, `VERSION_TO_INVALID`, `UNMODIFIED_SINCE_UNSUPPORTED`,
 * `FIELDS_PARAMETER_INVALID`, `CACHE_HEADER_INVALID` or `CONFLICT_STATUSES_INVALID`.
 */
export function checkRestSettings(settings: ApiSettings): void {
  checkVersionPlace(settings);
  checkUnmodifiedSince(settings);
  checkFieldsParameter(settings);
  checkCacheHeader(settings);
  settings.conflictStatuses.forEach(checkStatus);
}

function checkVersionPlace(settings: ApiSettings): void {
  if (settings.versionFrom !== 'field') return;
  const [field] = versionPaths(settings);
  if (field === undefined) {
    throw new InputError(
      'VERSION_FIELD_MISSING',
      'The endpoint takes the version from a field of the body but names none. Fill in Version field, for example "version".',
    );
  }
  if (isSentInBody(settings) && isAnnotation(field)) {
    throw new InputError(
      'VERSION_TO_INVALID',
      `The version cannot go back in "${field}": OData ignores annotations in the body, and the write would be unconditional. Set Sent back as to the If-Match header.`,
    );
  }
}

function checkUnmodifiedSince(settings: ApiSettings): void {
  if (!settings.unmodifiedSince) return;
  if (settings.versionFrom === 'last-modified') {
    throw unmodifiedSince('If-Unmodified-Since carries the version already');
  }
  if (isSentInBody(settings)) {
    throw unmodifiedSince('the version goes back in the body, not as If-Match');
  }
}

function unmodifiedSince(why: string): InputError {
  return new InputError(
    'UNMODIFIED_SINCE_UNSUPPORTED',
    `If-Unmodified-Since cannot go beside the version here: ${why}. Switch off "Send If-Unmodified-Since as well" in the endpoint.`,
  );
}

function checkFieldsParameter({ fieldsParameter }: ApiSettings): void {
  if (/^[$A-Za-z0-9_.~-]*$/.test(fieldsParameter)) return;
  throw new InputError(
    'FIELDS_PARAMETER_INVALID',
    'Parameter for fields is not the name of a query parameter. Give the name alone, for example "fields" or "$select".',
  );
}

function checkCacheHeader({ cacheHeader }: ApiSettings): void {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/.test(cacheHeader)) return;
  throw new InputError(
    'CACHE_HEADER_INVALID',
    'Cache header is not the name of a header. Give the name alone, for example "X-Cache-Status".',
  );
}

/** The meaning of these is fixed: they are about access, time or the server, not about the record. */
const FIXED = [401, 403, 404, 407, 408, 410, 429];

function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 400 && status <= 499 && !FIXED.includes(status)) return;
  throw new InputError(
    'CONFLICT_STATUSES_INVALID',
    `Conflict statuses cannot hold ${status}. List statuses such as 409, 412, 422 with which the API refuses an outdated version.`,
  );
}
