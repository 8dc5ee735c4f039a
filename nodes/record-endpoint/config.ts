import type { RetryConfig } from '../shared/retry-config';

export interface RecordEndpointConfig extends RetryConfig {
  name: string;
  /** `practice`: the built-in Practice API, started in the Node-RED process on a free loopback port. */
  server: 'practice' | 'url';
  /** How busy the Practice API is. */
  practiceLoad: 'quiet' | 'off-peak' | 'peak' | 'shift-change';
  family: 'dataverse' | 'rest';
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
  versionFrom: 'etag' | 'field' | 'last-modified';
  versionField: string;
  versionTo: 'header' | 'field';
  recordPath: string;
  /** Comma-separated, usually `409, 412`. */
  conflictStatuses: string;
  missingMeansNull: boolean;
  /** Largest answer that is read, in kilobytes. */
  maxResponseKb: number | string;
}

/** Which of these are used depends on `auth`. */
export interface RecordEndpointCredentials {
  user?: string; // basic
  password?: string; // basic
  token?: string; // bearer
  apiKey?: string;
  clientSecret?: string; // oauth2
}
