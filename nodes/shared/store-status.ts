import type { Node } from 'node-red';
import type { StoreConnection } from '../record-store/lookup';
import type { NodeAPI } from './node-api';
import type { StatusLine } from './status';

/**
 * Shows also while no message comes that a store cannot be reached, and since when; and that it is back.
 * @returns shows it once more; false: the store can be reached, or there is none
 */
export function watchConnection(
  RED: Pick<NodeAPI, '_'>,
  node: Node,
  status: StatusLine,
  connection: StoreConnection | undefined,
): () => boolean {
  if (connection?.current === undefined) return () => false;
  const show = (): void => {
    const { kind, since } = connection.current ?? { kind: 'connected', since: 0 };
    if (kind === 'connected') status.clear();
    else if (kind === 'connecting') status.waiting('shared.status.store-connecting');
    else {
      const time = new Date(since).toTimeString().slice(0, 5);
      status.ended(() => RED._('shared.status.store-disconnected', { time }), false);
    }
  };
  if (connection.current.kind !== 'connected') show();
  const stopWatching = connection.onChange(show);
  node.on('close', (done: () => void) => {
    stopWatching();
    done();
  });
  return () => {
    if (connection.current?.kind === 'connected') return false;
    show();
    return true;
  };
}
