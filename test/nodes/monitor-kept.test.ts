import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorReport } from '../../lib/monitor/report';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { Sandbox } from '../../sandbox/index';
import { inboxes, monitorNode, storeNode, updateNode, type FlowNode } from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, useUserDir, type Msg } from '../support/flow-runtime';
import { hasRedis, RedisServer } from '../support/redis/server';

useNodeRed();

interface Parts {
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly extra?: readonly FlowNode[];
}

function flowAt(sandbox: Sandbox, { endpoint, extra = [] }: Parts = {}): FlowNode[] {
  return [
    ordersAt(sandbox, endpoint),
    updateNode('update', [['updated'], ['not-updated']]),
    monitorNode('monitor', [['alerts'], ['summary']]),
    ...inboxes('updated', 'not-updated', 'alerts', 'summary'),
    ...extra,
  ];
}

const change = (text: string): Msg => ({ key: ORDER, payload: { description: text } });

async function summaryOf(flow: Flow): Promise<{ readonly endpoints: readonly MonitorReport[] }> {
  const { msg } = await flow.pass('monitor', { payload: 'tell' });
  return msg.payload as { readonly endpoints: readonly MonitorReport[] };
}

describe('what was counted', () => {
  it('outlives a deploy', async () => {
    const sandbox = await startPractice();
    const nodes = flowAt(sandbox);
    const flow = await Flow.start(nodes);
    await flow.pass('update', change('one'));
    await flow.redeploy(nodes);
    await flow.pass('update', change('two'));
    expect((await summaryOf(flow)).endpoints[0]?.total.updates).toBe(2);
  });

  it('outlives a restart in the file of a store', async () => {
    const userDir = await mkdtemp(join(tmpdir(), 'monitor-'));
    onTestFinished(async () => {
      useUserDir(undefined);
      await rm(userDir, { recursive: true });
    });
    useUserDir(userDir);
    const sandbox = await startPractice();
    const nodes = flowAt(sandbox, { endpoint: { store: 'store' }, extra: [storeNode()] });
    const first = await Flow.start(nodes);
    await first.pass('update', change('one'));
    await first.end();
    const second = await Flow.start(nodes);
    await second.pass('update', change('two'));
    await second.redeploy(nodes);
    await second.pass('update', change('three'));
    const { endpoints } = await summaryOf(second);
    expect(endpoints[0]?.unavailable).toBeUndefined();
    expect(endpoints[0]?.total.updates).toBe(3);
  });

  it.skipIf(!hasRedis)('is shared where the store is on Redis', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.end());
    const sandbox = await startPractice();
    const store = storeNode({ keep: 'redis', server: `127.0.0.1:${String(redis.port)}` });
    const nodes = flowAt(sandbox, { endpoint: { store: 'store' }, extra: [store] });
    const first = await Flow.start(nodes);
    await first.pass('update', change('one'));
    const before = (await summaryOf(first)).endpoints[0];
    expect(before?.unavailable).toBeUndefined();
    expect(before?.total.updates).toBe(1);
    await first.end();
    const second = await Flow.start(nodes);
    await second.pass('update', change('two'));
    expect((await summaryOf(second)).endpoints[0]?.total.updates).toBe(2);
  });
});
