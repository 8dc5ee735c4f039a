import { onTestFinished, describe, expect, it } from 'vitest';
import { makeTempDir } from '../../scripts/lib/temp.mjs';
import type { UpdateQueueConfig } from '../../nodes/update-queue/config';
import {
  catcher,
  inboxes,
  queueNode,
  settleNode,
  storeNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { methodsOf, ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, useUserDir, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
const clock = useFastClock(4);
/** It ends when a test says so. Seconds. */
const LEASE = 120;
const leasesEnd = (): void => clock.pass(LEASE * 1_000);

interface Members {
  readonly deliveries?: number;
  readonly state?: string;
}

const queueOf = (msg: Msg | undefined): Members => msg?.queue as Members;

function nodes(keep: 'file' | 'memory', config: Partial<UpdateQueueConfig> = {}): FlowNode[] {
  return [
    storeNode({ keep }),
    queueNode('queue', [['next'], ['superseded'], ['unsettled']], config),
    settleNode('settle', [['done'], ['again'], ['given-up']]),
    ...inboxes('next', 'superseded', 'unsettled', 'done', 'again', 'given-up'),
    ...catcher(),
  ];
}

function userDir(): void {
  const temp = makeTempDir('update-queue');
  useUserDir(temp.dir);
  onTestFinished(() => {
    useUserDir(undefined);
    temp.remove();
  });
}

const update = (key: string, payload: object): Msg => ({ key, payload });

async function accepted(flow: Flow, count: number): Promise<void> {
  await flow.until(
    () => (flow.completionsOf('queue').length >= count ? true : undefined),
    `${String(count)} accepted`,
  );
}

describe('a restart', () => {
  it('keeps what waits, and that it is paused', async () => {
    userDir();
    const first = await Flow.start(nodes('file'));
    first.send('queue', { queue: { action: 'pause' } });
    for (const key of ['A', 'B']) first.send('queue', update(key, { a: 1 }));
    await accepted(first, 3);
    await first.end();

    const second = await Flow.start(nodes('file'));
    second.send('queue', update('A', { b: 2 }));
    await accepted(second, 1);
    expect(second.inbox('next')).toEqual([]);
    second.send('queue', { queue: { action: 'resume' } });
    const messages = await second.count('next', 2);
    expect(messages.map(({ key, payload }) => [key, payload])).toEqual([
      ['A', { a: 1, b: 2 }],
      ['B', { a: 1 }],
    ]);
  });

  it('brings back what was in flight, as handed on before', async () => {
    userDir();
    const first = await Flow.start(nodes('file', { lease: LEASE }));
    first.send('queue', update('A', { a: 1 }));
    await first.count('next', 1);
    await first.end();
    leasesEnd();
    const second = await Flow.start(nodes('file', { lease: LEASE }));
    const [again] = await second.count('next', 1);
    expect(queueOf(again).deliveries).toBe(2);
  });
});

describe('a deploy', () => {
  it('of the queue node alone keeps what waits and the tickets that are out', async () => {
    const flow = await Flow.start(nodes('memory'));
    flow.send('queue', update('A', { a: 1 }));
    const [out] = await flow.count('next', 1);
    flow.send('queue', update('A', { a: 2 }));
    await accepted(flow, 2);
    await flow.redeploy(nodes('memory', { parallel: 3 }), 'nodes');
    flow.send('settle', { ...out, update: { outcome: 'updated', attempts: [] } as never });
    await flow.count('done', 1);
    expect((await flow.count('next', 2))[1]?.payload).toEqual({ a: 2 });
  });

  it('of everything keeps what waits in a file', async () => {
    userDir();
    const flow = await Flow.start(nodes('file'));
    flow.send('queue', update('A', { a: 1 }));
    await flow.count('next', 1);
    flow.send('queue', update('A', { a: 2 }));
    flow.send('queue', { queue: { action: 'pause' } });
    await accepted(flow, 3);
    await flow.redeploy(nodes('file', { lease: 100 }));
    flow.send('queue', update('B', { b: 1 }));
    await accepted(flow, 4);
    flow.send('queue', { queue: { action: 'resume' } });
    const all = await flow.until(
      () => flow.inbox('next').find(({ key }) => key === 'B'),
      'the update of B',
    );
    expect(all.payload).toEqual({ b: 1 });
  });
});

describe('a message that cannot be made of what is stored', () => {
  /** The place of the ticket is another one after the deploy, and the message has no room for it there. */
  async function deployMoved(tries: number): Promise<Flow> {
    const flow = await Flow.start(nodes('memory'));
    flow.send('queue', { queue: { action: 'pause' } });
    flow.send('queue', { key: 'A', payload: { a: 1 }, meta: 'text' });
    await accepted(flow, 2);
    await flow.redeploy(nodes('memory', { ticket: 'meta.queue', tries }), 'nodes');
    flow.send('queue', { meta: { queue: { action: 'resume' } } });
    return flow;
  }

  it('is told, tried again later and given up; others go on', async () => {
    const flow = await deployMoved(2);
    const lines = (text: string): number =>
      flow.logs.filter(({ msg }) => String(msg).includes(text)).length;
    await flow.until(() => (lines('could not be handed on') > 0 ? true : undefined), 'the error');
    flow.send('queue', update('B', { b: 1 }));
    expect((await flow.count('next', 1))[0]?.key).toBe('B');
    await flow.until(() => (lines('could not be handed on') > 1 ? true : undefined), 'another');
    await flow.until(() => (lines('has left the queue') > 0 ? true : undefined), 'the end');
    expect(lines('could not be handed on')).toBe(2);
  });
});

describe('a store in memory only', () => {
  it('says that it may lose what it accepts, once', async () => {
    const flow = await Flow.start(nodes('memory'));
    flow.send('queue', update('A', { a: 1 }));
    flow.send('queue', update('B', { a: 1 }));
    const messages = await flow.count('next', 2);
    await accepted(flow, 2);
    for (const msg of messages) expect(msg.queue).toMatchObject({ durable: false });
    expect(flow.warnings.filter(text => text.includes('may lose what it accepts'))).toHaveLength(1);
  });
});

describe('the fate of a write', () => {
  async function deployUnsettled(): Promise<{
    readonly flow: Flow;
    readonly sandbox: Awaited<ReturnType<typeof startPractice>>;
  }> {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      storeNode({ keep: 'memory' }),
      ordersAt(sandbox),
      queueNode('queue', [['next'], ['superseded'], ['unsettled']], { lease: LEASE }),
      updateNode('update', [['ended'], ['ended']]),
      settleNode('settle', [['done'], ['again'], ['given-up']]),
      ...inboxes('next', 'superseded', 'unsettled', 'ended', 'done', 'again', 'given-up'),
      ...catcher(),
    ]);
    return { flow, sandbox };
  }

  it('comes with the next delivery, and the write is judged, not done again', async () => {
    const { flow, sandbox } = await deployUnsettled();
    flow.send('queue', update(ORDER, { description: 'once' }));
    const [first] = await flow.count('next', 1);
    flow.send('update', { ...first });
    expect((await flow.count('ended', 1))[0]?.update?.outcome).toBe('updated');
    leasesEnd();
    const [, second] = await flow.count('next', 2);
    expect(second).toMatchObject({
      queue: { deliveries: 2 },
      update: { outcome: 'retry', pending: { versionSent: expect.any(String) } },
    });
    flow.send('update', { ...second });
    const [, judged] = await flow.count('ended', 2);
    expect(['already-applied', 'unchanged']).toContain(judged?.update?.outcome);
    expect(methodsOf(sandbox.orders, ORDER).filter(method => method === 'PATCH')).toHaveLength(1);
    flow.send('settle', { ...judged });
    expect(queueOf((await flow.count('done', 1))[0]).state).toBe('done');
  });

  it('cannot be stored by who has lost the ticket: nothing is written', async () => {
    const { flow, sandbox } = await deployUnsettled();
    flow.send('queue', update(ORDER, { description: 'late' }));
    await flow.count('next', 1);
    leasesEnd();
    const [late] = await flow.count('next', 2);
    flow.send('update', { ...late });
    const [ended] = await flow.count('ended', 1);
    expect(ended?.update).toMatchObject({ outcome: 'busy', error: { code: 'TICKET_LOST' } });
    expect(methodsOf(sandbox.orders, ORDER)).not.toContain('PATCH');
  });
});
