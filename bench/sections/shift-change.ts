import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// These scripts find the project from here as from their own folder: both lie two folders deep.
import { startNodeRed } from '../../scripts/lib/node-red.mjs';
import { playShift } from '../../scripts/lib/shift-change/run.mjs';
import { linkPackage } from '../support/link-package';
import { mean, quantile, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (h) The machine events of a shift change, by the nodes of the example, lost answers included. */
export interface ShiftChangeFigures {
  /** From the arrival of an event to its end, duplicates not counted. */
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
    linkPackage(userDir);
    const start = (flows: readonly object[]) => startNodeRed({ userDir, flows });
    const { reports, verdict } = await playShift(start, shift);
    const times = reports.filter(({ end }) => end !== 'duplicate').map(({ ms }) => ms);
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
