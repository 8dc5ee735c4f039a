import type { Node, NodeAPI, NodeDef } from 'node-red';
import { expect, it } from 'vitest';
import { onInput } from '../../nodes/shared/on-input';
import type { Scope } from '../../nodes/shared/scope';
import { StatusLine } from '../../nodes/shared/status';
import { catcher, inboxes, TAB, type FlowNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

/** A flow around one node that does with each message what the test says. */
async function flowOf(handle: (scope: Scope) => void | Promise<void>): Promise<Flow> {
  const init = (RED: NodeAPI): void => {
    function Probe(this: Node, config: NodeDef): void {
      RED.nodes.createNode(this, config);
      onInput(RED, this, { status: new StatusLine(RED, this), fault: undefined }, handle);
    }
    RED.nodes.registerType('probe', Probe);
  };
  const place = { z: TAB, x: 100, y: 100 };
  const probe: FlowNode = { id: 'probe', type: 'probe', ...place, wires: [['out'], ['other']] };
  return Flow.start([probe, ...inboxes('out', 'other'), ...catcher()], {}, [init]);
}

it('each message has a scope of its own, however many are under way', async () => {
  const waiting: (() => void)[] = [];
  const flow = await flowOf(async scope => {
    await new Promise<void>(resolve => {
      waiting.push(resolve);
      if (waiting.length === 3) for (const goOn of waiting) goOn();
    });
    scope.set('seen.n', scope.get('payload.n'));
    scope.send([scope.msg, null]);
  });
  for (const n of [1, 2, 3]) flow.send('probe', { payload: { n } });
  const out = await flow.count('out', 3);
  expect(out.map(({ payload, seen }) => [payload, seen])).toEqual(
    [1, 2, 3].map(n => [{ n }, { n }]),
  );
});

it('what would be sent after the stop is an error and a line in the log, not a message', async () => {
  const flow = await flowOf(async scope => {
    scope.status.working('writing');
    await new Promise(resolve => scope.stop.addEventListener('abort', resolve));
    scope.send([scope.msg, null]);
  });
  flow.send('probe', { payload: 1 });
  await flow.shows('probe', 'probe.status.writing');
  await flow.stop();
  const done = flow.completionsOf('probe');
  expect(done.map(({ error }) => error?.code)).toEqual(['STOPPED']);
  const message = done[0]?.error?.message;
  expect(flow.warnings.filter(line => line === message)).toHaveLength(1);
  expect(flow.inbox('out')).toEqual([]);
});

it('a copy goes its own way', async () => {
  const flow = await flowOf(scope => {
    const copy = scope.copy();
    copy.set('payload.n', 2);
    scope.send([scope.msg, copy.msg]);
  });
  flow.send('probe', { payload: { n: 1 } });
  const [[first], [second]] = [await flow.count('out', 1), await flow.count('other', 1)];
  expect([first?.payload, second?.payload]).toEqual([{ n: 1 }, { n: 2 }]);
});

it('an expression is read once, serves other messages, and fails with its own words', async () => {
  let sum: ReturnType<Scope['expression']> | undefined;
  const flow = await flowOf(async scope => {
    sum ??= scope.expression('$sum(numbers) + 1', 'Sum');
    scope.set('sum', await sum({ numbers: scope.get('payload') }));
    scope.send([scope.msg, null]);
  });
  for (const payload of [[1, 2], [3, 4], ['x']]) flow.send('probe', { payload });
  const out = await flow.count('out', 2);
  expect(out.map(msg => msg.sum)).toEqual([4, 8]);
  const [failed] = await flow.count('caught', 1);
  expect(failed?.error?.message).toContain('number');
});

it.each([
  ['an expression that cannot be read', (scope: Scope) => scope.expression('1 +', 'Sum')],
  [
    'one that cannot be evaluated',
    (scope: Scope) => scope.evaluate({ value: '$error("no")', type: 'jsonata', label: 'Sum' }),
  ],
])('%s is an error that names the field', async (_name, use) => {
  const flow = await flowOf(async scope => {
    await use(scope);
  });
  flow.send('probe', {});
  const [failed] = await flow.count('caught', 1);
  expect(failed?.error?.code).toBe('EXPRESSION_FAILED');
  expect(failed?.error?.message).toMatch(
    /Sum could not be .*(?:no|1 \+|end).* Correct it in the dialog\.$/,
  );
});

it('whatever is thrown, the message is done with once', async () => {
  const flow = await flowOf(scope => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a handler must never do, and what must not end the process
    if (scope.get('payload') === 'text') throw 'text';
    throw new Error('fault');
  });
  for (const payload of ['text', 'error']) flow.send('probe', { payload });
  const caught = await flow.count('caught', 2);
  expect(caught.map(({ error }) => error?.message)).toEqual(['Error: text', 'Error: fault']);
  expect(flow.completionsOf('probe')).toHaveLength(2);
});
