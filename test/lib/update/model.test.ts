import { expect, onTestFinished, test } from 'vitest';
import { orderId, startSandbox, type Change, type Sandbox } from '../../../sandbox';
import { createInProcessLocks } from '../../../lib/coordination/in-process-locks';
import type { Outcome } from '../../../lib/outcome/outcome';
import { systemTime } from '../../../lib/retry/time';
import type { UpdateResult } from '../../../lib/outcome/outcome';
import { Engine } from '../../support/engine';
import { seededRandom } from '../../support/seeded-random';

const RECORDS = 4;
const WORKERS = 12;
const UPDATES_EACH = 12;

interface Done {
  readonly id: string;
  readonly field: string;
  /** What the field held when the update was decided on. */
  readonly base: unknown;
  /** Tells this update's writes from all others. */
  readonly mark: string;
  readonly result: UpdateResult;
}

const FIELDS = ['name', 'description'];

const POLICY = {
  conflictRetries: 30,
  transientRetries: 6,
  schedule: { kind: 'exponential', baseMs: 1, factor: 1.5, capMs: 10 },
} as const;

/** Lost answers, broken connections, throttling, failing writes and reads, and people at work. */
async function startTrouble(seed: number): Promise<Sandbox> {
  const sandbox = await startSandbox({
    seed,
    orders: RECORDS,
    workOrders: 0,
    load: { noise: 0.15, target: 0.05 },
    faults: [
      { fault: 'latency', ms: 0, jitterMs: 3 },
      { fault: 'lost-response', on: 'write', rate: 0.08 },
      { fault: 'error-after-commit', on: 'write', rate: 0.04 },
      { fault: 'truncated', on: 'write', rate: 0.03 },
      { fault: 'reset', rate: 0.05 },
      { fault: 'throttled', on: 'write', rate: 0.04, retryAfter: '0' },
      { fault: 'unavailable', rate: 0.04 },
    ],
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** Many workers update few records; every update writes a mark of its own. */
async function work(sandbox: Sandbox, seed: number, locked: boolean): Promise<Done[]> {
  const locks = createInProcessLocks({ time: systemTime });
  const random = seededRandom(seed);
  const engineOf = (n: number): Engine =>
    new Engine(sandbox.url, {
      family: 'dataverse',
      basePath: '/api/data/v9.0',
      collection: 'salesorders',
      key: orderId(n),
      seed: seed + n,
      policy: POLICY,
      time: systemTime,
      ...(locked
        ? {
            turn: (waitMs, signal) =>
              locks.acquire(orderId(n), { leaseMs: 60_000, waitMs, signal }),
          }
        : {}),
    });
  const engines = Array.from({ length: RECORDS }, (_, n) => engineOf(n + 1));
  const worker = async (w: number): Promise<Done[]> => {
    const done: Done[] = [];
    for (let u = 0; u < UPDATES_EACH; u++) {
      const n = Math.floor(random() * RECORDS);
      const engine = engines[n];
      const field = FIELDS[Math.floor(random() * FIELDS.length)] ?? 'name';
      const mark = `seed ${String(seed)}, worker ${String(w)}, update ${String(u)}`;
      const read = await engine?.fetch([field]);
      if (engine === undefined || read === undefined || !('snapshot' in read)) continue;
      const { snapshot } = read;
      const { result } = await engine.update({ changes: { [field]: mark }, snapshot });
      done.push({ id: orderId(n + 1), field, base: snapshot.values[field], mark, result });
    }
    return done;
  };
  const all = await Promise.all(Array.from({ length: WORKERS }, (_, w) => worker(w)));
  return all.flat();
}

/** Writes of one update that are on the record's history. */
function commitsOf(history: readonly Change[], { field, mark }: Done): Change['fields'][string][] {
  return history.flatMap(({ by, fields }) => {
    const change = fields[field];
    return by === 'api' && change?.after === mark ? [change] : [];
  });
}

const OURS: readonly Outcome[] = ['updated', 'already-applied'];
const MAY_BE_OURS: readonly Outcome[] = [...OURS, 'uncertain', 'conflict'];

for (const [seed, locked] of [
  [1, false],
  [2, false],
  [3, true],
] as const) {
  test(`every acknowledged write is on the record exactly once (seed ${String(seed)})`, async () => {
    const sandbox = await startTrouble(seed);
    const done = await work(sandbox, seed, locked);
    expect(done.length).toBeGreaterThan(WORKERS * UPDATES_EACH * 0.9);
    const outcomes = new Set(done.map(({ result }) => result.outcome));
    expect([...outcomes]).toEqual(expect.arrayContaining([...OURS, 'conflict']));
    for (const update of done) {
      const { outcome } = update.result;
      const commits = commitsOf(sandbox.orders.history(update.id), update);
      const about = `${update.mark}: ${JSON.stringify(update.result)}`;
      if (OURS.includes(outcome)) expect(commits, about).toHaveLength(1);
      if (MAY_BE_OURS.includes(outcome)) expect(commits.length, about).toBeLessThan(2);
      else expect(commits, about).toHaveLength(0);
      // Rule "report": what a write replaced is what its decision was made on, never somebody's newer value.
      for (const commit of commits) expect(commit.before, about).toBe(update.base);
    }
  });
}
