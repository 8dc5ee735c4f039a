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

  /** Of SAP Gateway. */
  readonly odataVersion: 'v2' | 'v4';
  /** Of Finance & Operations: records of all companies, not only of the user's own. */
  readonly crossCompany: boolean;

  /** Of every family: added to every address of a record, for example `sap-client=100`. */
  readonly query: string;
  /** Of every family that sends If-Match: sends If-Unmodified-Since beside it. */
  readonly unmodifiedSince: boolean;
  /**
   * Dotted path, in the record, of the time of the last change; empty: the Last-Modified header. For
   * If-Unmodified-Since and for versionFrom `last-modified`.
   */
  readonly modifiedField: string;
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
  odataVersion: 'v2',
  crossCompany: true,
  query: '',
  unmodifiedSince: false,
  modifiedField: '',
};
