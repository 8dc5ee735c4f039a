import type { Node } from 'node-red';
import { onceEach, type Notify } from '../../lib/update/bulk/notice';
import type { EndpointFace } from '../record-endpoint/lookup';
import type { NodeAPI } from '../shared/node-api';

/** Warns of what makes the runs of a node slower than they could be: each once from deploy to deploy. */
export function noticesOf(RED: Pick<NodeAPI, '_'>, node: Pick<Node, 'warn'>): Notices {
  const notify = onceEach(({ message }) => {
    node.warn(message);
  });
  return {
    notify,
    about: ({ config }) => {
      if (config.bulkWrites !== 'single') return;
      notify({ code: 'BATCHES_OFF', message: RED._('bulk-update.warn.single') });
    },
  };
}

export interface Notices {
  readonly notify: Notify;
  /** Whatever the endpoint says of itself. */
  about(endpoint: Pick<EndpointFace, 'config'>): void;
}
