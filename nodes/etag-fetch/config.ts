export interface EtagFetchConfig {
  name: string;
  endpoint: string;
  collection: string;
  collectionType: 'str' | 'msg' | 'flow' | 'global' | 'env' | 'jsonata';
  key: string;
  keyType: 'msg' | 'str' | 'num' | 'json' | 'flow' | 'global' | 'env' | 'jsonata';
  /** `auto`: the fields named by the changes in `msg.payload`; without changes, all fields. */
  fields: string;
  fieldsType: 'auto' | 'str' | 'json' | 'msg';
  /** Comma-separated fields that the decision depends on, read besides. */
  guards: string;
  /** Message property that receives the snapshot, usually `record`. */
  record: string;
  /** Message property that holds the update result, usually `update`. */
  result: string;
}
