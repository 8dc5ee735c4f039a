export interface RecordLockConfig {
  name: string;
  action: 'acquire' | 'release';
  endpoint: string;
  collection: string;
  collectionType: 'str' | 'msg' | 'flow' | 'global' | 'env' | 'jsonata';
  key: string;
  keyType: 'msg' | 'str' | 'num' | 'json' | 'flow' | 'global' | 'env' | 'jsonata';
  /** Seconds to wait for the lock. */
  wait: number | string;
  /** Seconds after which the lock frees itself. */
  lease: number | string;
  /** Keep extending the lease while the message is under way, up to `maxHold`. */
  renew: boolean;
  /** Seconds. */
  maxHold: number | string;
  /** Messages that may wait for one record. */
  queueLimit: number | string;
  /** Message property that carries the lease, usually `lock`. */
  lock: string;
  /** Message property that holds the update result, usually `update`. */
  result: string;
  /** 2 when acquiring (acquired, not acquired), 1 when releasing. */
  outputs: number;
}
