import { describe, expect, it } from 'vitest';
import type { BulkUpdateConfig } from '../../nodes/bulk-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { orderId } from '../../sandbox/ids';
import type { FaultRule, Sandbox, SandboxOptions } from '../../sandbox/index';
import { bulkNode, catcher, inboxes } from '../support/flow-nodes';
import { ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
useFastClock(3);

interface Setup {
  readonly sandbox?: SandboxOptions;
  readonly node?: Partial<BulkUpdateConfig>;
  readonly endpoint?: Partial<RecordEndpointConfig>;
}

async function deploy(setup: Setup = {}): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice(setup.sandbox);
  const flow = await Flow.start([
    ordersAt(sandbox, setup.endpoint),
    bulkNode('bulk', [['updated'], ['not-updated']], setup.node),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  return { flow, sandbox };
}

const itemsFor = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    key: orderId(n + 1),
    changes: { description: 'x' },
  }));

function done(flow: Flow, count: number) {
  return flow.until(
    () => (flow.completionsOf('bulk').length >= count ? flow.completionsOf('bulk') : undefined),
    `the end of ${count} messages`,
  );
}

describe('stopping the flow', () => {
  const SLOW: FaultRule = { fault: 'latency', ms: 60_000 };

  it('ends a list once, and results that are out stay out', async () => {
    const { flow, sandbox } = await deploy({ endpoint: { bulkWrites: 'single' } });
    flow.onReceive('updated', () => {
      if (sandbox.faults.list().length === 0) sandbox.faults.add(SLOW);
    });
    flow.send('bulk', { payload: itemsFor(20) });
    flow.send('bulk', { payload: itemsFor(1) });
    await flow.count('updated', 1);
    await flow.stop();
    const over = await done(flow, 2);
    const codes = over.map(({ error }) => error?.code);
    expect(codes).toHaveLength(2);
    expect(codes[1]).toBe('STOPPED');
    expect(flow.inbox('not-updated')).toEqual([]);
  });

  it('ends each collected message by itself', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [SLOW] },
      node: { input: 'messages', collectCount: 2 },
    });
    for (const n of [1, 2]) flow.send('bulk', { key: orderId(n), payload: { description: 'x' } });
    await flow.shows('bulk', 'bulk-update.status.progress');
    await flow.stop();
    const over = await done(flow, 2);
    expect(over.map(({ error }) => error?.code)).toEqual(['STOPPED', 'STOPPED']);
  });
});
