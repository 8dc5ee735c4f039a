import type { FamilyId } from '../../lib/api/family-ids';
import { RETRY_DEFAULTS, type RetryConfig } from '../shared/retry-config';

/** Number fields may hold text such as `${RETRIES}`. */
export interface RecordEndpointConfig extends RetryConfig {
  name: string;
  /** `practice`: the built-in Practice API, started in the Node-RED process on a free loopback port. */
  server: 'practice' | 'url';
  /** How busy the Practice API is. */
  practiceLoad: 'quiet' | 'off-peak' | 'peak' | 'shift-change';
  family: FamilyId;
  baseUrl: string;
  auth: 'none' | 'basic' | 'bearer' | 'api-key' | 'oauth2';
  apiKeyHeader: string;
  tokenUrl: string;
  clientId: string;
  scope: string;
  /** Id of a core tls-config node. */
  tls: string;
  /** Id of a core "http proxy" config node. */
  proxy: string;

  /** Of SAP Gateway. */
  odataVersion: 'v2' | 'v4';
  /** Of Finance & Operations. */
  crossCompany: boolean;
  /** Added to every address of a record, for example `sap-client=100`. */
  query: string;

  // The generic family
  versionFrom: 'etag' | 'field' | 'last-modified';
  versionField: string;
  versionTo: 'header' | 'field';
  recordPath: string;
  keyStyle: 'path' | 'odata';
  fieldsParameter: string;
  /** Comma-separated, usually `409, 412`. */
  conflictStatuses: string;
  conflictText: string;
  createdIsUpdate: boolean;
  missingMeansNull: boolean;
  csrf: boolean;
  cacheHeader: string;

  /** Sends If-Unmodified-Since beside If-Match. */
  unmodifiedSince: boolean;
  /** Dotted path of the time of the last change; empty: the Last-Modified header. */
  modifiedField: string;
  /** Header of an Idempotency-Key; empty: none is sent. */
  idempotencyHeader: string;

  /** Most requests under way at a time. */
  parallel: number | string;
  /** Most updates that wait until they may begin. */
  maxWaiting: number | string;
  /** Longest wait until an update may begin, seconds; empty: no limit. */
  maxWait: number | string;
  /** Tokens for retries after faults and throttling; empty: no budget. */
  retryBudget: number | string;
  /** Percent of a token that a proper answer earns. */
  retryEarned: number | string;

  peak: boolean;
  /** `HH:MM`; `peakTo` earlier than `peakFrom` ends on the next day. */
  peakFrom: string;
  peakTo: string;
  /** Days on which the hours begin, comma-separated: 0 (Sunday) to 6. */
  peakDays: string;
  /** IANA name; empty: the time zone of Node-RED. */
  peakZone: string;
  peakConflictRetries: number | string;
  /** Seconds. */
  peakDeadline: number | string;
  /** All waits are multiplied by it. */
  peakWaitFactor: number | string;

  /** Largest answer that is read, in kilobytes. */
  maxResponseKb: number | string;
  /** Every attempt's versions and field differences go to the log at debug level and into the message. */
  versionLog: boolean;
}

/** What the dialog shows for a new endpoint; also what an endpoint saved by an earlier version lacks. */
export const ENDPOINT_DEFAULTS: RecordEndpointConfig = {
  ...RETRY_DEFAULTS,
  name: '',
  server: 'practice',
  practiceLoad: 'peak',
  family: 'dataverse',
  baseUrl: '',
  auth: 'none',
  apiKeyHeader: 'x-api-key',
  tokenUrl: '',
  clientId: '',
  scope: '',
  tls: '',
  proxy: '',
  odataVersion: 'v2',
  crossCompany: true,
  query: '',
  versionFrom: 'etag',
  versionField: '',
  versionTo: 'header',
  recordPath: '',
  keyStyle: 'path',
  fieldsParameter: '',
  conflictStatuses: '409, 412',
  conflictText: '',
  createdIsUpdate: false,
  missingMeansNull: false,
  csrf: false,
  cacheHeader: '',
  unmodifiedSince: false,
  modifiedField: '',
  idempotencyHeader: '',
  parallel: 50,
  maxWaiting: 10_000,
  maxWait: '',
  retryBudget: 100,
  retryEarned: 20,
  peak: false,
  peakFrom: '14:00',
  peakTo: '17:00',
  peakDays: '1,2,3,4,5',
  peakZone: '',
  peakConflictRetries: 12,
  peakDeadline: 60,
  peakWaitFactor: 2,
  maxResponseKb: 1024,
  versionLog: false,
};

/** Which of these are used depends on `auth`. */
export interface RecordEndpointCredentials {
  user?: string; // basic
  password?: string; // basic
  token?: string; // bearer
  apiKey?: string;
  clientSecret?: string; // oauth2
}
