import { QUEUE_DEFAULTS, type UpdateQueueConfig } from '../../nodes/update-queue/config';
import { EXIT, startFlow, type FlowNode } from '../support/node-red';
import type { Driver } from './driver';
import { recordNodes, STORE_ID, UPDATE_ID, type NodeSettings } from './record-nodes';

/** All processes share it. */
export const QUEUE_NAME = 'bench';

const QUEUE_ID = 'queue';
const SETTLE_ID = 'settle';

/** A flow entry → update-queue → conditional-update → settle. A job ends as soon as the queue has accepted it. */
export async function openQueuedUpdate(
  url: string,
  settings: NodeSettings | undefined,
): Promise<Driver> {
  const flow = await startFlow(QUEUE_ID, [
    ...recordNodes(url, SETTLE_ID, settings),
    queueNode(QUEUE_ID, { store: STORE_ID, queueName: QUEUE_NAME }, [UPDATE_ID]),
    queueNode(SETTLE_ID, { action: 'settle' }, []),
    { id: 'accepted', type: 'complete', scope: [QUEUE_ID], wires: [[EXIT]] },
  ]);
  return {
    run: async ({ key, changes }) => {
      const { error } = await flow.send({ key, payload: changes });
      if (error !== undefined) throw new Error(`the flow failed: ${JSON.stringify(error)}`);
      return { outcome: 'updated' };
    },
    close: () => flow.close(),
  };
}

function queueNode(
  id: string,
  config: Partial<UpdateQueueConfig>,
  next: readonly string[],
): FlowNode {
  return { id, type: 'update-queue', ...QUEUE_DEFAULTS, ...config, wires: [next, [], []] };
}
