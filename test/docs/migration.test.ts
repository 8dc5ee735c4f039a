// docs/migration.md: the flows to be imported do what the page says of them, before and after.
import { describe, expect, it } from 'vitest';
import { loadFlowsOfDocs, type FlowNode } from '../../scripts/lib/examples.mjs';
import { ExampleFlow } from '../support/flow-example';
import { useNodeRed } from '../support/flow-runtime';
import { linksOf, pageText, targetOf } from '../support/pages';

const PAGE = 'docs/migration.md';
/** Where Node-RED listens, as the flows say. */
const HOME = 'http://127.0.0.1:1880';

useNodeRed();

interface Order {
  readonly status: string;
  readonly tax: string;
  readonly remark: string;
}

function nodesOf(name: string): readonly FlowNode[] {
  const found = loadFlowsOfDocs().find(flow => flow.name === name);
  if (found === undefined) throw new Error(`There is no flow ${name}`);
  return found.nodes;
}

/** Node-RED of the test listens elsewhere. */
function atHome(node: FlowNode): FlowNode {
  return JSON.parse(JSON.stringify(node).replaceAll(HOME, process.env.NODE_RED_URL ?? HOME));
}

/** Runs a flow beside the order system, presses a button and waits until a debug node has shown the end. */
async function press(name: string, button: string) {
  const flow = await ExampleFlow.run([...nodesOf('order-system'), ...nodesOf(name)], atHome);
  flow.press(button);
  const line = await flow.line(1);
  return { line, order: await orderOf(button) };
}

async function orderOf(button: string): Promise<Order> {
  const url = `${process.env.NODE_RED_URL ?? ''}/order-system/orders/${button.slice(-4)}`;
  return (await (await fetch(url)).json()) as Order;
}

describe('a retry loop of function nodes', () => {
  it('keeps what others have written elsewhere in the order', async () => {
    const { order } = await press('retry-loop-before', 'ship order 1002');
    expect(order).toMatchObject({ status: 'Shipped', tax: 'calculated' });
  });

  it('undoes what a colleague has decided, and tells nobody', async () => {
    const { line, order } = await press('retry-loop-before', 'ship order 1003');
    expect(line.name).toBe('shipped');
    expect(order).toMatchObject({ status: 'Shipped', remark: 'the customer has called' });
  });
});

describe.each(['retry-loop-after', 'http-request-after'])('%s', name => {
  it('keeps what others have written elsewhere in the order', async () => {
    const { line, order } = await press(name, 'ship order 1002');
    expect(line.text).toBe('updated after 2 writes: 412 → 200 (somebody changed another field)');
    expect(order).toMatchObject({ status: 'Shipped', tax: 'calculated' });
    expect(pageText(PAGE)).toContain(line.text);
  });

  it('leaves what a colleague has decided, and tells it', async () => {
    const { line, order } = await press(name, 'ship order 1003');
    expect(line.text).toBe('conflict in status: base New, ours Shipped, theirs Cancelled');
    expect(order).toMatchObject({ status: 'Cancelled', remark: 'the customer has called' });
    expect(pageText(PAGE)).toContain(line.text);
  });
});

describe('http request nodes that write the whole order', () => {
  it('lose what a job has calculated', async () => {
    const { line, order } = await press('http-request-before', 'ship order 1002');
    expect(line.name).toBe('shipped');
    expect(order).toMatchObject({ status: 'Shipped', tax: 'open' });
  });

  it('lose what a colleague has decided', async () => {
    const { order } = await press('http-request-before', 'ship order 1003');
    expect(order).toMatchObject({ status: 'Shipped', remark: '' });
  });
});

it('begins anew by its button', async () => {
  const flow = await ExampleFlow.run(
    [...nodesOf('order-system'), ...nodesOf('retry-loop-after')],
    atHome,
  );
  flow.press('ship order 1003');
  expect((await flow.line(1)).text).toMatch(/^conflict/);
  flow.press('start over');
  expect((await flow.line(2)).name).toBe('as at the start');
  flow.press('ship order 1003');
  expect((await flow.line(3)).text).toMatch(/^conflict in status: base New/);
});

it('the page leads to every flow, and to no other', () => {
  const named = linksOf(PAGE).map(link => targetOf(PAGE, link).file);
  const flows = loadFlowsOfDocs().map(({ name }) => `docs/flows/${name}.json`);
  expect(named.filter(file => file.startsWith('docs/flows/')).sort()).toEqual(flows.sort());
});
