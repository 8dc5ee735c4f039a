import { createInProcessCounters } from '../../lib/monitor/in-process-counters';
import { createMonitor, type Monitor } from '../../lib/monitor/monitor';
import type { Attempt } from '../../lib/outcome/outcome';
import type { EndedUpdate } from '../../lib/outcome/ended-update';
import { systemTime } from '../../lib/retry/time';
import { startClient } from '../support/client-process';
import { startServer } from '../support/server';
import { median, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (l) What it costs to see what becomes of updates. */
export interface ReviewFigures {
  /** CPU time of counting an update, as a share of all that an update takes at 16 in flight. */
  readonly monitorCpuShare: number;
  readonly monitorMicros: number;
}

/** Updates between two looks at the clock. */
const BATCH = 1_000;
const RECORDS = 500;

export async function measureReview(plan: Plan): Promise<ReviewFigures> {
  const update = await microsPerUpdate(plan);
  const counting = await microsPerCount(plan);
  return { monitorCpuShare: rounded(counting / update, 4), monitorMicros: rounded(counting, 2) };
}

async function microsPerUpdate({ measureMs, rounds, warmUpMs }: Plan): Promise<number> {
  const server = await startServer('--no-history', '--orders', String(RECORDS));
  const client = await startClient({ variant: 'node', url: server.url });
  try {
    await client.measure({ inFlight: 16, ms: warmUpMs, records: RECORDS });
    const micros: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const measured = await client.measure({ inFlight: 16, ms: measureMs, records: RECORDS });
      micros.push(measured.cpuMicrosPerUpdate);
    }
    return median(micros);
  } finally {
    await client.close();
    await server.close();
  }
}

async function microsPerCount({ measureMs, rounds, warmUpMs }: Plan): Promise<number> {
  const own = createInProcessCounters({
    time: systemTime,
    run: 'bench',
    onTrouble: () => undefined,
  });
  const monitor = createMonitor({ time: systemTime, store: () => own });
  count(monitor, warmUpMs);
  const micros = Array.from({ length: rounds }, () => count(monitor, measureMs));
  await monitor.save();
  return median(micros);
}

/** CPU time of one, microseconds: made and counted. */
function count(monitor: Monitor, ms: number): number {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let updates = 0;
  while (performance.now() - startedAt < ms) {
    for (let n = 0; n < BATCH; n++) monitor.add(n % 100 < 15 ? noise() : success());
    updates += BATCH;
  }
  const { system, user } = process.cpuUsage(before);
  return (system + user) / updates;
}

const ACCEPTED: Attempt = {
  when: '2026-11-21T06:00:00.000Z',
  versionSent: 'W/"1"',
  class: 'success',
  status: 204,
  waitedMs: 0,
};
const REFUSED: Attempt = {
  ...ACCEPTED,
  versionSeen: 'W/"2"',
  class: 'version-conflict',
  status: 412,
  changedBy: 'tax job',
};

function success(): EndedUpdate {
  return ended([ACCEPTED], 0);
}

/** At 15 of 100, as at peak hours. */
function noise(): EndedUpdate {
  return ended([REFUSED, ACCEPTED], 1);
}

function ended(attempts: readonly Attempt[], retries: number): EndedUpdate {
  return {
    ref: { collection: 'salesorders', key: 1, url: 'http://localhost/salesorders(1)' },
    type: 'salesorders',
    isLaterPass: false,
    metEarlier: false,
    result: {
      outcome: 'updated',
      key: 1,
      attempts,
      reads: attempts.length,
      retries,
      durationMs: 140,
      verified: true,
    },
  };
}
