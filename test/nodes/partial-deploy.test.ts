import helper from 'node-red-node-test-helper';
import { describe, expect, it, onTestFinished } from 'vitest';
import { catcher, endpoint, inboxes, lockNode, updateNode } from '../support/flow-nodes';
import { ORDER } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';

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

describe('case U42: a deploy of modified nodes while a write is under way', () => {
  /** An API whose writes are answered when the test says so. */
  async function slowApi() {
    let answer = (): void => undefined;
    const held = new Promise<void>(resolve => (answer = resolve));
    let arrived = (): void => undefined;
    const writing = new Promise<void>(resolve => (arrived = resolve));
    const { url, requests } = await startScriptedServer(async ({ method }) => {
      if (method === 'GET') return { status: 200, headers: { etag: '"1"' }, body: { a: 1 } };
      arrived();
      await held;
      return { status: 200, headers: { etag: '"2"' }, body: { a: 2 } };
    });
    onTestFinished(() => {
      answer();
    });
    return {
      at: { server: 'url', family: 'rest', baseUrl: url } as const,
      requests,
      writing,
      answer,
    };
  }

  const rest = [...inboxes('out', 'released'), ...catcher()];
  const msg = (n: number) => ({ key: 'K', payload: { a: 2 }, n });

  /** The messages that have come out anywhere: passed on, at the Catch node, or in the log. */
  const ended = (flow: Flow): unknown[] =>
    [...flow.inbox('out'), ...flow.errors].map(({ n }) => n).sort((a, b) => Number(a) - Number(b));

  it.each([
    ['the update', { name: 'new' }, {}],
    ['its endpoint', {}, { deadline: 20 }],
  ])('%s: does not wait for it, and no message ends without a word', async (_what, node, more) => {
    const { at, writing, answer } = await slowApi();
    const nodes = (update: object, target: object) => [
      endpoint({ ...at, ...target }),
      updateNode('update', PORTS, update),
      ...rest,
    ];
    const flow = await Flow.start(nodes({}, {}));
    flow.send('update', msg(0));
    await writing;
    const closing = helper.getNode('update');
    // More of the record wait for its turn, others come while the node is being closed and after that.
    for (let n = 1; n <= 5; n++) closing.receive(msg(n));
    const deployed = flow.redeploy(nodes(node, more), 'nodes');
    for (let n = 6; n <= 20; n++) closing.receive(msg(n));
    await deployed;
    for (let n = 21; n <= 25; n++) closing.receive(msg(n));
    await flow.until(() => (ended(flow).length >= 25 ? true : undefined), 'all but the write');
    // The write itself is still under way, although the deploy is over.
    expect(ended(flow)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    expect(flow.errors.every(({ error }) => error?.code === 'STOPPED')).toBe(true);
    answer();
    const told = await flow.until(
      () => flow.errors.find(({ n }) => n === 0),
      'what became of the write',
    );
    expect(told.error?.message).toContain('"updated"');
    expect(flow.warnings.some(line => line.includes('"updated"'))).toBe(true);
    expect((await flow.pass('update', msg(99))).at).toBe('out');
    const last = flow.statuses.findLast(({ id }) => id === 'update');
    expect(last?.status.text).not.toBe('conditional-update.status.stopped');
  });

  it('a stop of everything waits for what is left in the background', async () => {
    const { at, writing, answer } = await slowApi();
    const nodes = (name: string) => [endpoint(at), updateNode('update', PORTS, { name }), ...rest];
    const flow = await Flow.start(nodes(''));
    flow.send('update', msg(0));
    await writing;
    await flow.redeploy(nodes('new'), 'nodes');
    const stopped = flow.stop();
    answer();
    await stopped;
    expect(flow.warnings.filter(line => line.includes('"updated"'))).toHaveLength(1);
  });

  it('locks of messages that end are released', async () => {
    const { at, writing, answer } = await slowApi();
    const nodes = (name: string) => [
      endpoint(at),
      lockNode('lock', [['write'], ['out']]),
      // Node-RED takes a node for changed, too, one of whose settings is the id of a changed one: not "update".
      updateNode('write', PORTS, { name }),
      lockNode('next', [['released'], ['out']], { wait: 60 }),
      ...rest,
    ];
    const flow = await Flow.start(nodes(''));
    flow.send('lock', msg(0));
    await writing;
    flow.send('next', msg(1));
    await flow.redeploy(nodes('new'), 'nodes');
    answer();
    await flow.count('released', 1);
    await flow.count('caught', 1);
    expect(flow.errors.map(({ n, error }) => [n, error?.code])).toEqual([[0, 'STOPPED']]);
  });
});
