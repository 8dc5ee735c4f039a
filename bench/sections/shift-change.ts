import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNodeRed } from '../../scripts/lib/node-red.mjs';
import type { MachineEvent } from '../../sandbox/index';
import type { EventReport } from '../../test/shift-change/judge/order-case';
import { playShift } from '../../test/shift-change/play';
import { linkPackage } from '../support/link-package';
import { ROOT } from '../support/paths';
import { mean, quantile, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (h) The machine events of a shift change, by the nodes of the example, lost answers included. */
export interface ShiftChangeFigures {
  /** From when an event was due to its end, duplicates not counted. */
  readonly meanMs: number;
  readonly p99Ms: number;
  /** Share of the events that nothing stood against. */
  readonly withoutPerson: number;
  /** How many events ended how, duplicates included. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Node-RED and the server run in processes of their own. */
export async function measureShiftChange({ shift }: Plan): Promise<ShiftChangeFigures> {
  const userDir = mkdtempSync(join(tmpdir(), 'record-updates-bench-'));
  try {
    linkPackage(userDir, ROOT);
    const start = (flows: readonly object[]) => startNodeRed({ userDir, flows });
    const { events, reports, verdict } = await playShift(start, { shift });
    const times = latencies(events, reports);
    return {
      meanMs: rounded(mean(times), 1),
      p99Ms: rounded(quantile(times, 0.99), 1),
      withoutPerson: rounded(verdict.withoutPerson),
      outcomes: verdict.outcomes,
    };
  } finally {
    rmSync(userDir, { recursive: true, force: true });
  }
}

/**
 * In milliseconds. A Node-RED that is busy takes an event late: that counts too. When the shift
 * began is told by the event that came closest to its time.
 */
function latencies(events: readonly MachineEvent[], reports: readonly EventReport[]): number[] {
  const firsts = new Map(events.toReversed().map(({ id, afterMs }) => [id, afterMs]));
  const tried = reports
    .filter(({ end }) => end !== 'duplicate')
    .map(({ id, arrivedAt, ms }) => ({ arrivedAt, ms, afterMs: firsts.get(id) ?? 0 }));
  const began = Math.min(...tried.map(({ arrivedAt, afterMs }) => arrivedAt - afterMs));
  return tried.map(({ arrivedAt, ms, afterMs }) => arrivedAt + ms - (began + afterMs));
}
