export interface RecordStoreConfig {
  name: string;
  /** `file`: what was confirmed survives a restart of Node-RED. `memory`: it does not. */
  keep: 'file' | 'memory';
  /** Most event ids to remember at one time. */
  limit: number | string;
}

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const STORE_DEFAULTS: RecordStoreConfig = { name: '', keep: 'file', limit: 1_000_000 };
