import type { RetryConfig } from '../shared/retry-config';

export interface BackoffDelayConfig extends RetryConfig {
  name: string;
  /** `endpoint`: the endpoint's retry policy; `own`: the fields of this node (`timeout` is not used). */
  policy: 'endpoint' | 'own';
  endpoint: string;
  key: string;
  keyType: 'msg' | 'str' | 'num' | 'json' | 'flow' | 'global' | 'env' | 'jsonata';
  /** Message property that holds the update result, usually `update`. */
  result: string;
}
