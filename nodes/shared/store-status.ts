import type { Node, NodeAPI } from 'node-red';
import type { StoreConnection } from '../record-store/lookup';
import type { StatusLine } from './status';

/** Shows also while no message comes that a store cannot be reached, and since when; and that it is back. */
export function watchConnection(
  RED: Pick<NodeAPI, '_'>,
  node: Node,
  status: StatusLine,
  connection: StoreConnection | undefined,
): void {
  if (connection?.current === undefined) return;
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
}
