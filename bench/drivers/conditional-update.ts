import type { Outcome, UpdateResult } from '../../lib/outcome/outcome';
import { EXIT, startFlow } from '../support/node-red';
import type { Driver } from './driver';
import { recordNodes, UPDATE_ID, type NodeSettings } from './record-nodes';

/**
 * A flow of one node: entry → conditional-update → exit.
 * @param build folder of the package; undefined: this one
 */
export async function openConditionalUpdate(
  url: string,
  settings: NodeSettings | undefined,
  build: string | undefined,
): Promise<Driver> {
  const flow = await startFlow(UPDATE_ID, recordNodes(url, EXIT, settings), build);
  return {
    run: async ({ key, changes, record }) => {
      const msg = await flow.send({ key, payload: changes, record });
      const update = msg.update as UpdateResult | undefined;
      if (update === undefined) throw new Error(`the flow failed: ${JSON.stringify(msg.error)}`);
      const { conflict } = update;
      const outcome: Outcome = update.outcome;
      return { outcome, record: msg.record, ...(conflict === undefined ? {} : { conflict }) };
    },
    close: () => flow.close(),
  };
}
