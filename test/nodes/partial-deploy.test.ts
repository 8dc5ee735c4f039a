import { expect, it } from 'vitest';
import { catcher, endpoint, inboxes, updateNode } from '../support/flow-nodes';
import { ORDER } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

const PORTS = [['out'], ['out']] as const;
const CHANGE = { key: ORDER, payload: { description: 'first' } };

const practiceStarts = (flow: Flow): number =>
  flow.logs.filter(({ msg }) => String(msg).includes('Practice API on')).length;

it('a deploy of single nodes leaves the endpoint, its connection and its records alone', async () => {
  const rest = [...inboxes('out'), ...catcher()];
  const flow = await Flow.start([endpoint(), updateNode('update', PORTS), ...rest]);
  expect((await flow.pass('update', CHANGE)).msg.update?.outcome).toBe('updated');
  await flow.redeploy([endpoint(), updateNode('update', PORTS, { name: 'new' }), ...rest], 'nodes');
  expect((await flow.pass('update', CHANGE)).msg.update?.outcome).toBe('unchanged');
  expect(practiceStarts(flow)).toBe(1);
});

it('a deploy of the endpoint alone gives the nodes that use it the new one', async () => {
  const others = [updateNode('update', PORTS), ...inboxes('out'), ...catcher()];
  const flow = await Flow.start([endpoint(), ...others]);
  await flow.pass('update', CHANGE);
  await flow.redeploy([endpoint({ deadline: 20 }), ...others], 'nodes');
  const { msg } = await flow.pass('update', { ...CHANGE, payload: { description: 'second' } });
  expect(msg.update?.outcome).toBe('updated');
  expect(practiceStarts(flow)).toBe(2);
});
