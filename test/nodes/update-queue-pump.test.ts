import { describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../../scripts/lib/patience.mjs';
import type { RecordQueue, Taken } from '../../lib/coordination/queue/queue';
import { Pump } from '../../nodes/update-queue/pump';

type TakeResult = Awaited<ReturnType<RecordQueue['take']>>;

const NOTHING: TakeResult = { taken: [], nextAt: undefined };

function taken(record: string): TakeResult {
  const update = {
    record,
    changes: undefined,
    version: undefined,
    eventAt: undefined,
    message: '{}',
    acceptedAt: 0,
    updates: 1,
    postponed: 0,
  };
  const ticket = { record, token: record, fence: 1, expiresAt: 0 };
  return { taken: [{ ticket, update, deliveries: 1, fate: undefined }], nextAt: undefined };
}

/** A pump over a queue that answers a take when the test says so. */
function started() {
  const answers: ((result: TakeResult) => void)[] = [];
  const handed: string[] = [];
  const tooLate = vi.fn(() => Promise.resolve());
  const queue = {
    take: () => new Promise<TakeResult>(resolve => answers.push(resolve)),
    onWork: () => () => undefined,
  };
  const pump: Pump = new Pump(queue, {
    most: 10,
    lookEveryMs: undefined,
    now: Date.now,
    onTaken: ({ ticket }: Taken) => {
      handed.push(ticket.record);
      pump.wake();
    },
    onTooLate: tooLate,
    onRound: () => undefined,
    onFailure: error => {
      throw error;
    },
  });
  const takes = (count: number) =>
    vi.waitFor(() => expect(answers).toHaveLength(count), { timeout: PATIENCE_MS });
  return { pump, answers, handed, tooLate, takes };
}

describe('what is taken from a queue', () => {
  it('is handed on while the next take is under way; two at a time, and one more for all that woke it meanwhile', async () => {
    const { pump, answers, handed, takes } = started();
    for (let i = 0; i < 3; i += 1) pump.wake();
    expect(answers).toHaveLength(2);
    answers[0]?.(NOTHING);
    await takes(3);
    answers[1]?.(taken('r'));
    await takes(4);
    expect(handed).toEqual(['r']);
    answers[2]?.(NOTHING);
    answers[3]?.(NOTHING);
    await pump.stop();
    expect(answers).toHaveLength(4);
  });

  it('is looked for again when the take that was asked for last says, whichever of two ends last', async () => {
    const { pump, answers, takes } = started();
    pump.wake();
    answers[1]?.({ taken: [], nextAt: Date.now() + 5 });
    // Its answer may be on its way to the disk, and is from before.
    await Promise.resolve();
    answers[0]?.(NOTHING);
    await takes(3);
    answers[2]?.(NOTHING);
    await pump.stop();
  });

  it('is given back where the flow was stopped meanwhile, by all takes that were under way', async () => {
    const { pump, answers, handed, tooLate } = started();
    pump.wake();
    const stopped = pump.stop();
    pump.wake();
    expect(answers).toHaveLength(2);
    answers[0]?.(taken('r'));
    answers[1]?.(taken('s'));
    await stopped;
    expect(handed).toEqual([]);
    expect(tooLate).toHaveBeenCalledTimes(2);
  });
});
