import { deadLetterNodes } from '../../nodes/dead-letter/lookup';
import { deployedEndpoints } from '../../nodes/record-endpoint/lookup';
import type { NodeAPI } from '../../nodes/shared/node-api';
import { CountsBroadcast } from './broadcast';
import type { ReviewLists } from './lists';
import { registerReviewRoutes } from './routes';
import { COUNTS_TOPIC } from './shapes';

/** What the sidebar needs in the runtime: its routes, and the numbers that reach it by themselves. */
export default function (RED: NodeAPI): void {
  const lists: ReviewLists = () =>
    deadLetterNodes(RED).map(node => ({
      id: node.id,
      name: node.name ?? '',
      place: JSON.stringify([node.list.store, node.list.name]),
      desk: () => node.desk(),
    }));
  const broadcast = new CountsBroadcast({
    lists,
    monitors: () => deployedEndpoints(RED).map(({ monitor }) => monitor),
    publish: live => {
      RED.comms.publish(COUNTS_TOPIC, live, true);
    },
  });
  registerReviewRoutes(RED, lists);
  RED.events.on('flows:started', () => {
    broadcast.start();
  });
  RED.events.on('flows:stopped', () => {
    broadcast.stop();
  });
}
