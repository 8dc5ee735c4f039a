import { expect, it } from 'vitest';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { preceded, startRecordApi } from '../support/engine-record';
import { bulkNode, catcher, endpoint, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

const PORTS = [['updated'], ['not-updated']];

/** An API at which somebody else comes before the first write of each of so many updates. */
async function start(config: Partial<RecordEndpointConfig>, noisy: number) {
  const api = await startRecordApi();
  const noise = preceded(() => {
    api.noise();
  });
  for (let n = 0; n < noisy; n++) api.writes.push(noise, (_request, proceed) => proceed());
  const flow = await Flow.start([
    endpoint({ server: 'url', baseUrl: api.url, family: 'rest', chaining: false, ...config }),
    updateNode('update', PORTS, { collection: 'orders' }),
    bulkNode('bulk', [...PORTS, []], { collection: 'orders' }),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  for (let n = 0; n < 20; n++) {
    const { at } = await flow.pass('update', { key: 'A1', payload: { status: `S${n}` } });
    expect(at).toBe('updated');
  }
  return flow;
}

const ADAPTED = { adapted: { conflictRetries: 16, waitFactor: 4 } };

it('retries of single updates and of lists follow the rate of conflicts, and say so', async () => {
  const flow = await start({ adaptive: true }, 20);
  const { msg } = await flow.pass('update', { key: 'A1', payload: { status: 'last' } });
  expect(msg.update).toMatchObject(ADAPTED);
  const list = [{ key: 'A1', changes: { status: 'list' } }];
  const bulk = await flow.pass('bulk', { payload: list });
  expect(bulk.msg.update).toMatchObject(ADAPTED);
});

it.each([
  ['the endpoint does not say so', { adaptive: false }, 20],
  ['few updates meet conflicts', { adaptive: true }, 6],
])('they stay as they are set where %s', async (_why, config, noisy) => {
  const flow = await start(config, noisy);
  const { msg } = await flow.pass('update', { key: 'A1', payload: { status: 'last' } });
  expect(msg.update).not.toHaveProperty('adapted');
});
