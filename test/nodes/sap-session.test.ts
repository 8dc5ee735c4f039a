import { expect, it } from 'vitest';
import { sapOrderId, type Sandbox } from '../../sandbox/index';
import { inboxes, updateNode } from '../support/flow-nodes';
import { familyAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

const WRITERS = 50;
const ORDERS = Array.from({ length: WRITERS }, (_, index) => sapOrderId(index + 1));

async function writeAll(flow: Flow, text: string): Promise<(string | undefined)[]> {
  const before = flow.inbox('out').length;
  for (const key of ORDERS) {
    flow.send('update', { key, payload: { PurchaseOrderByCustomer: text } });
  }
  const all = await flow.count('out', before + WRITERS);
  return all.slice(before).map(({ update }) => update?.outcome);
}

/** How often each order was written to since the given number of requests. */
function writesOf(sandbox: Sandbox, since: ReadonlyMap<string, number>): number[] {
  return ORDERS.map(id => writeCount(sandbox, id) - (since.get(id) ?? 0));
}

function writeCount(sandbox: Sandbox, id: string): number {
  return sandbox.sapOrders.requests(id).filter(({ method }) => method !== 'GET').length;
}

it('trap 19: 50 parallel writers with an expired session fetch one token, and each write is resent at most once', async () => {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    familyAt(sandbox, 'sap-gateway'),
    updateNode('update', [['out'], ['out']], { collection: 'A_SalesOrder' }),
    ...inboxes('out'),
  ]);
  expect(await writeAll(flow, 'first')).toEqual(Array(WRITERS).fill('updated'));
  const fetchedBefore = sandbox.sap.tokenFetches;
  expect(fetchedBefore).toBe(1);

  sandbox.sap.expireSessions();
  const before = new Map(ORDERS.map(id => [id, writeCount(sandbox, id)]));
  expect(await writeAll(flow, 'second')).toEqual(Array(WRITERS).fill('updated'));
  expect(sandbox.sap.tokenFetches - fetchedBefore).toBe(1);
  expect(Math.max(...writesOf(sandbox, before))).toBeLessThanOrEqual(2);
  for (const id of ORDERS) {
    expect(sandbox.sapOrders.get(id)?.values.PurchaseOrderByCustomer).toBe('second');
    const ours = sandbox.sapOrders.history(id).filter(({ by }) => by === 'api');
    expect(ours).toHaveLength(2);
  }
});
