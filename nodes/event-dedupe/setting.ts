import type { Node, NodeAPI } from 'node-red';
import type { RecordStoreNode } from '../record-store/record-store';
import type { Message, Work } from '../shared/on-input';
import type { StatusLine } from '../shared/status';
import type { EventDedupeConfig } from './config';

/** What the actions of one node work with. */
export interface Setting {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly config: EventDedupeConfig;
  readonly status: StatusLine;
  readonly store: RecordStoreNode;
}

export type Action = (setting: Setting, msg: Message, work: Work) => Promise<void>;

/** Green only while the store is sound. */
export function showDone({ status, store }: Setting, text: string): void {
  if (store.troubles.current === undefined) status.done(text);
  else status.waiting('degraded');
}
