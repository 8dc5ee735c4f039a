import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { backoffNode, catcher, endpoint, inboxes } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

afterEach(() => {
  vi.useRealTimers();
});

/** A Wednesday. */
const DAY = '2025-02-12';

const PEAK: Partial<RecordEndpointConfig> = {
  server: 'url',
  baseUrl: 'http://127.0.0.1:1',
  schedule: 'list',
  waits: '0.01',
  jitter: 'none',
  firstAtOnce: false,
  conflictRetries: 1,
  peak: true,
  peakFrom: '14:00',
  peakTo: '17:00',
  peakDays: '1,2,3,4,5',
  peakZone: 'UTC',
  peakConflictRetries: 3,
  peakDeadline: '60',
  peakWaitFactor: '4',
};

const RETRY = { outcome: 'retry', cause: 'noise', key: 'A1', attempts: [], reads: 1 };

async function start(config: Partial<RecordEndpointConfig> = {}): Promise<Flow> {
  return Flow.start([
    endpoint({ ...PEAK, ...config }),
    backoffNode('wait', [['again'], ['given-up']]),
    ...inboxes('again', 'given-up'),
    ...catcher(),
  ]);
}

/** Sends a result to be tried again round the loop until it is given up; the waits. */
async function waits(flow: Flow): Promise<number[]> {
  const found: number[] = [];
  let msg: Msg = { key: 'A1', update: RETRY as never };
  for (;;) {
    const out = await flow.pass('wait', msg);
    if (out.at === 'given-up') return found;
    found.push(out.msg.retry?.delayMs ?? -1);
    msg = out.msg;
  }
}

function clock(time: string): void {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(`${DAY}T${time}:00Z`) });
}

describe('the retry policy at peak hours', () => {
  it.each([
    ['before', '13:59', [10]],
    ['within', '14:00', [40, 40, 40]],
    ['after', '17:00', [10]],
  ])('%s', async (_name, time, expected) => {
    clock(time);
    expect(await waits(await start())).toEqual(expected);
  });

  it('changes with the hour, without a deploy', async () => {
    const flow = await start();
    clock('13:00');
    expect(await waits(flow)).toEqual([10]);
    clock('15:00');
    expect(await waits(flow)).toEqual([40, 40, 40]);
    clock('18:00');
    expect(await waits(flow)).toEqual([10]);
  });

  it('keeps to the time zone and the days', async () => {
    clock('13:30');
    expect(await waits(await start({ peakZone: 'Europe/Berlin' }))).toHaveLength(3);
  });

  it('is the normal one on other days', async () => {
    clock('15:00');
    expect(await waits(await start({ peakDays: '0,6' }))).toHaveLength(1);
  });

  it('is the normal one unless peak hours are switched on, whatever their fields hold', async () => {
    clock('15:00');
    expect(await waits(await start({ peak: false, peakFrom: 'noon' }))).toHaveLength(1);
  });
});

it.each<[string, Partial<RecordEndpointConfig>]>([
  ['PEAK_INVALID', { peakFrom: '2 pm' }],
  ['PEAK_INVALID', { peakTo: '' }],
  ['PEAK_INVALID', { peakDays: '' }],
  ['PEAK_INVALID', { peakZone: 'Berlin time' }],
  ['NUMBER_INVALID', { peakConflictRetries: 'many' }],
  ['NUMBER_INVALID', { peakDeadline: '' }],
  ['NUMBER_INVALID', { peakWaitFactor: 0 }],
])('%s: %j', async (code, config) => {
  const flow = await start(config);
  const { at, msg } = await flow.pass('wait', { key: 'A1', update: RETRY as never });
  expect([at, msg.error?.code]).toEqual(['caught', code]);
});
