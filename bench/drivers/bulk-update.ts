import { BULK_DEFAULTS, type BulkUpdateConfig } from '../../nodes/bulk-update/config';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import type { Outcome, UpdateResult } from '../../lib/outcome/outcome';
import { EXIT, startFlow } from '../support/node-red';
import type { ListItem, ListRun } from '../support/lists';
import { endpointNode, ON_TAB, type NodeSettings } from './record-nodes';

/** Updates whole lists of records. */
export interface ListDriver {
  /** @param onRecord told as each record is over */
  runList(items: readonly ListItem[], onRecord?: () => void): Promise<ListRun>;
  close(): Promise<void>;
}

const BULK_ID = 'bulk';

/** A flow of one node: entry → bulk-update → exit. Each record leaves as a message of its own, which nobody keeps. */
export async function openBulkUpdate(
  url: string,
  { bulk, ...settings }: NodeSettings = {},
): Promise<ListDriver> {
  const config: BulkUpdateConfig = {
    ...BULK_DEFAULTS,
    endpoint: 'endpoint',
    collection: 'assignments',
    ...bulk,
  };
  const node = { id: BULK_ID, type: 'bulk-update', ...config, ...ON_TAB, wires: [[EXIT], [EXIT]] };
  const flow = await startFlow(BULK_ID, [endpointNode(url, settings), node]);
  return {
    runList: async (items, onRecord) => {
      const outcomes: Outcome[] = [];
      const last = await flow.send({ payload: items }, msg => {
        const update = msg.update as UpdateResult | undefined;
        if (update === undefined) return true;
        outcomes[placeOf(msg)] = update.outcome;
        onRecord?.();
        return msg.bulk !== undefined;
      });
      if (last.bulk === undefined)
        throw new Error(`the flow failed: ${JSON.stringify(last.error)}`);
      return { outcomes, summary: last.bulk as BulkSummary };
    },
    close: () => flow.close(),
  };
}

/** Of the record in the list: no two items of the benchmark are of one record. */
function placeOf({ parts }: Readonly<Record<string, unknown>>): number {
  return (parts as { readonly index: number }).index;
}
