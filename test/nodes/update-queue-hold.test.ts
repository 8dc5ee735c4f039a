import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UpdateQueueConfig } from '../../nodes/update-queue/config';
import { catcher, inboxes, queueNode, settleNode, storeNode } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

afterEach(() => {
  vi.useRealTimers();
});

const deploy = (config: Partial<UpdateQueueConfig>): Promise<Flow> =>
  Flow.start([
    storeNode({ keep: 'memory' }),
    queueNode('queue', [['next'], [], [], ['counters']], { counters: true, ...config }),
    settleNode('settle', [['done'], [], ['given-up']]),
    ...inboxes('next', 'counters', 'done', 'given-up'),
    ...catcher(),
  ]);

let records = 0;

function put(flow: Flow): void {
  flow.send('queue', { key: `r${records++}`, payload: { a: 1 } });
}

/** One more goes through and ends so. */
async function through(flow: Flow, outcome: 'updated' | 'conflict'): Promise<void> {
  const before = flow.inbox('next').length;
  put(flow);
  const next = (await flow.count('next', before + 1))[before];
  const ended = flow.completionsOf('settle').length;
  flow.send('settle', { ...next, update: { outcome, attempts: [] } as never });
  await flow.until(() => flow.completionsOf('settle')[ended], 'the end of it');
}

async function stats(flow: Flow, action = 'stats'): Promise<Record<string, unknown>> {
  const before = flow.inbox('counters').length;
  flow.send('queue', { queue: { action } });
  const answer: Msg | undefined = (await flow.count('counters', before + 1))[before];
  return answer?.queue as Record<string, unknown>;
}

describe('while many updates meet conflicts', () => {
  it('updates are held, so many as come, until flush; one that was held is not held again', async () => {
    const flow = await deploy({ batchSize: 2, batchPause: 3600 });
    for (let n = 0; n < 13; n++) await through(flow, 'updated');
    for (let n = 0; n < 6; n++) await through(flow, 'conflict');
    // Of fewer than 20 a rate says nothing.
    expect((await stats(flow)).heldUntil).toBeUndefined();
    await through(flow, 'conflict');
    const { heldUntil, conflictRate } = await stats(flow);
    expect(conflictRate).toBeCloseTo(0.35);
    expect(Date.parse(String(heldUntil))).toBeGreaterThan(Date.now() + 60_000);
    const before = flow.inbox('next').length;
    for (let n = 0; n < 3; n++) put(flow);
    await flow.until(() => flow.completionsOf('queue')[before + 3], 'the three');
    expect(await stats(flow)).toMatchObject({ waiting: 3, inFlight: 0 });
    const shown = await flow.until(
      () =>
        flow.statuses.find(
          ({ id, status: { text = '' } }) => id === 'queue' && text.includes('.status.held'),
        ),
      'the status',
    );
    expect(shown.status).toMatchObject({ fill: 'yellow', shape: 'ring' });
    await stats(flow, 'flush');
    // The rate is what it was, but they have waited once: they go, in batches.
    await flow.count('next', before + 2);
    expect(await stats(flow)).toMatchObject({ waiting: 1, inFlight: 2 });
  });

  it('a hold is over by its time; what comes after what was held is held in its turn', async () => {
    const flow = await deploy({ holdShortest: 0.05, holdLongest: 0.05 });
    for (let n = 0; n < 20; n++) await through(flow, n < 13 ? 'updated' : 'conflict');
    const { heldUntil } = await stats(flow);
    expect(heldUntil).toBeDefined();
    const before = flow.inbox('next').length;
    put(flow);
    await flow.count('next', before + 1);
    const after = String((await stats(flow)).heldUntil);
    expect(Date.parse(after)).toBeGreaterThan(Date.parse(String(heldUntil)));
  });

  it('nothing is held where that is not wanted', async () => {
    const flow = await deploy({ hold: false });
    for (let n = 0; n < 21; n++) await through(flow, 'conflict');
    expect((await stats(flow)).heldUntil).toBeUndefined();
  });
});

describe('known busy hours', () => {
  const PEAK: Partial<UpdateQueueConfig> = {
    hold: false,
    peak: true,
    peakFrom: '14:00',
    peakTo: '17:00',
    peakDays: '1,2,3,4,5',
    peakZone: 'UTC',
  };

  /** A Wednesday. */
  function clock(time: string): void {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(`2025-02-12T${time}:00Z`) });
  }

  it.each([
    ['before', '13:59', false],
    ['within', '14:00', true],
    ['after', '17:00', false],
  ])('%s them', async (_name, time, isHeld) => {
    clock(time);
    const flow = await deploy(PEAK);
    put(flow);
    await flow.until(() => flow.completionsOf('queue')[0], 'the update');
    if (!isHeld) await flow.count('next', 1);
    const { heldUntil, waiting } = await stats(flow);
    expect([heldUntil !== undefined, waiting]).toEqual([isHeld, isHeld ? 1 : 0]);
    if (!isHeld) return;
    expect(flow.inbox('next')).toEqual([]);
    await stats(flow, 'flush');
    await flow.count('next', 1);
  });
});
