import { startClient, type Client } from '../support/client-process';
import { startServer, type Server } from '../support/server';
import { median, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (b) Many updates of one record at once. */
export interface HotRecordFigures {
  readonly requestsPerCommit: { readonly locked: number; readonly unlocked: number };
  /** Version conflicts among ourselves per commit. */
  readonly conflictsPerCommit: { readonly locked: number; readonly unlocked: number };
}

interface Round {
  readonly requests: number;
  readonly conflicts: number;
}

/** So that the writers meet as they do over a network. */
const LATENCY_MS = 5;

/** Enough patience for every writer to come through, also without the lock. Each one reads, as without a turn. */
const PATIENT = { conflictRetries: 1000, deadline: 120, chaining: false };

export async function measureHotRecord(plan: Plan): Promise<HotRecordFigures> {
  const server = await startServer('--no-history', '--orders', '1', '--latency', `${LATENCY_MS}`);
  const locked = await start(server, true);
  const unlocked = await start(server, false);
  const rounds: { locked: Round[]; unlocked: Round[] } = { locked: [], unlocked: [] };
  try {
    for (let n = 0; n < plan.rounds; n += 1) {
      rounds.locked.push(await measureRound(server, locked, plan.hotUpdates));
      rounds.unlocked.push(await measureRound(server, unlocked, plan.hotUpdates));
    }
  } finally {
    await Promise.all([locked.close(), unlocked.close()]);
    await server.close();
  }
  const medians = (field: keyof Round): HotRecordFigures['requestsPerCommit'] => ({
    locked: rounded(median(rounds.locked.map(round => round[field]))),
    unlocked: rounded(median(rounds.unlocked.map(round => round[field]))),
  });
  return { requestsPerCommit: medians('requests'), conflictsPerCommit: medians('conflicts') };
}

/** All of them write the same field, so the one who comes later has to want his value in any case. */
function start({ url }: Server, serialize: boolean): Promise<Client> {
  const update = { serialize, rule: 'overwrite' } as const;
  return startClient({ variant: 'node', url, settings: { update, endpoint: PATIENT } });
}

async function measureRound(server: Server, client: Client, updates: number): Promise<Round> {
  const before = await server.stats();
  await client.count({ updates, inFlight: updates, records: 1, carry: false });
  const after = await server.stats();
  const delta = (kind: 'requests' | 'statuses', name: string): number =>
    (after[kind][name] ?? 0) - (before[kind][name] ?? 0);
  return {
    requests: (delta('requests', 'GET') + delta('requests', 'PATCH')) / updates,
    conflicts: delta('statuses', '412') / updates,
  };
}
