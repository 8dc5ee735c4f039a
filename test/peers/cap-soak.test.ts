import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { OUTCOMES, type Outcome, type UpdateResult } from '../../lib/outcome/outcome';
import type { Snapshot } from '../../lib/record/snapshot';
import { draw, hashText } from '../../sandbox/random';
import { reads, writes, type ProxyFaultRule } from '../support/fault-proxy-rules';
import { useNodeRed, type Flow } from '../support/flow-runtime';
import { capFlow } from './cap-flow';
import { useOwnCapPeer, type CapChange } from './cap-peer';

const SEED = 20_250_208;
const UPDATES = 1_000;
const WORKERS = 16;
const RECORDS = 50;

/** About one request in eight meets one of these; all of them take a few milliseconds more. */
const FAULTS: readonly ProxyFaultRule[] = [
  { fault: 'latency', ms: 1, jitterMs: 5 },
  { fault: 'reset', rate: 0.01 },
  { fault: 'throttled', rate: 0.01, retryAfter: '0' },
  { fault: 'throttled', rate: 0.001, retryAfter: '1' },
  { fault: 'unavailable', rate: 0.01, retryAfter: '0' },
  { fault: 'reset-after', on: writes, rate: 0.02 },
  { fault: 'lost-response', on: writes, rate: 0.02 },
  { fault: 'error-after-commit', on: writes, rate: 0.02 },
  { fault: 'truncated', rate: 0.02 },
  { fault: 'stale-read', on: reads, rate: 0.03 },
  { fault: 'etag-removed', rate: 0.02 },
  { fault: 'etag-suffixed', rate: 0.02 },
];

interface Job {
  readonly ID: string;
  /** Written by this update alone, so the history tells what became of it. */
  readonly note: string;
  /** What the update was decided on; absent: it reads the record itself. */
  readonly seen?: Snapshot;
}

interface Report {
  readonly job: Job;
  readonly update: UpdateResult;
}

useNodeRed();
const peer = useOwnCapPeer();

test('1,000 updates of 50 records by 16 workers at SAP CAP through faults: nothing is lost, nothing is applied twice, every outcome is accounted for', async () => {
  const ids = Array.from({ length: RECORDS }, () => randomUUID());
  for (const ID of ids) await peer().create('Orders', { ID, status: 'New', note: 'seed' });
  const { flow, proxy } = await capFlow(peer(), { rules: FAULTS, endpoint: { base: 0.02 } });

  const reports = await run(senderOf(flow), ids);
  const history = await peer().history();
  const verdict = judge(reports, history);

  expect(verdict).toMatchObject({
    lost: [],
    doubled: [],
    misreported: [],
    otherVersion: [],
    overwritten: [],
    strangers: [],
    created: RECORDS,
  });
  expect(flow.errors).toEqual([]);
  expect(OUTCOMES.reduce((sum, outcome) => sum + verdict.outcomes[outcome], 0)).toBe(UPDATES);
  // Without these the run would have proven nothing.
  for (const { fault } of FAULTS) expect(proxy.count(fault), fault).toBeGreaterThan(0);
  for (const outcome of ['updated', 'already-applied', 'conflict'] as const) {
    expect(verdict.outcomes[outcome], outcome).toBeGreaterThan(0);
  }
  expect(verdict.outcomes.updated + verdict.outcomes['already-applied']).toBeGreaterThan(
    UPDATES * 0.7,
  );
  expect(history.filter(({ by }) => by === 'background').length).toBe(UPDATES);
});

type Send = (job: Job) => Promise<{ readonly update: UpdateResult; readonly record?: Snapshot }>;

/** Sends a job through the update node; what came out of either output. */
function senderOf(flow: Flow): Send {
  const waiting = new Map<unknown, (out: Awaited<ReturnType<Send>>) => void>();
  for (const inbox of ['updated', 'not-updated']) {
    flow.onReceive(inbox, ({ payload, update, record }) => {
      const { note } = payload as { readonly note: string };
      if (update === undefined) return;
      waiting.get(note)?.({ update, ...(record === undefined ? {} : { record }) });
      waiting.delete(note);
    });
  }
  return ({ ID, note, seen }) =>
    new Promise(resolve => {
      waiting.set(note, resolve);
      flow.send('update', {
        key: ID,
        payload: { note },
        ...(seen === undefined ? {} : { record: seen }),
      });
    });
}

/** All updates, `WORKERS` at a time; with each of them somebody else changes a record, often the same one. */
async function run(send: Send, ids: readonly string[]): Promise<readonly Report[]> {
  const reports: Report[] = [];
  const seen = new Map<string, Snapshot>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < UPDATES) {
      const n = next++;
      const ID = idOf(ids, n, 'record');
      const known = n % 2 === 0 ? seen.get(ID) : undefined;
      const job = { ID, note: `update ${n}`, ...(known === undefined ? {} : { seen: known }) };
      const [{ update, record }] = await Promise.all([send(job), interfere(ids, n, ID)]);
      if (record === undefined) seen.delete(ID);
      else seen.set(ID, record);
      reports[n] = { job, update };
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return reports;
}

/** A change by somebody else: mostly of a field that no update is about, sometimes of the one they all write. */
async function interfere(ids: readonly string[], n: number, busy: string): Promise<void> {
  const ID = chance(n, 'same record') < 0.5 ? busy : idOf(ids, n, 'other record');
  const set = chance(n, 'target') < 0.1 ? { note: `operator ${n}` } : { seenBy: `job ${n}` };
  await peer().change('Orders', { ID }, set);
}

/** A fifth of the records is chosen more often than the others, so that updates meet there. */
function idOf(ids: readonly string[], n: number, what: string): string {
  const among = chance(n, `${what} hot`) < 0.2 ? ids.length / 5 : ids.length;
  return ids[Math.floor(chance(n, what) * among)] ?? '';
}

function chance(n: number, what: string): number {
  return draw(hashText(what, SEED), n, 0);
}

interface Verdict {
  /** Acknowledged without being in the history. */
  readonly lost: readonly string[];
  /** In the history more than once. */
  readonly doubled: readonly string[];
  /** In the history although the sender was told that nothing was written. */
  readonly misreported: readonly string[];
  /** Committed on another version than the one the last attempt named. */
  readonly otherVersion: readonly string[];
  /** Committed over a value that its sender had not seen. */
  readonly overwritten: readonly string[];
  /** Committed by the nodes without belonging to any update. */
  readonly strangers: readonly CapChange[];
  readonly created: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

const ACKNOWLEDGED: readonly Outcome[] = ['updated', 'unchanged', 'already-applied'];

/** What the history of the service, written by its database, says about the reports. */
function judge(reports: readonly Report[], history: readonly CapChange[]): Verdict {
  const own = history.filter(({ by, change }) => by === 'anonymous' && change === 'UPDATE');
  const commitsOf = ({ job: { ID, note } }: Report): readonly CapChange[] =>
    own.filter(({ after }) => after?.ID === ID && after.note === note);
  const notes = (test: (report: Report, commits: readonly CapChange[]) => boolean): string[] =>
    reports.filter(report => test(report, commitsOf(report))).map(({ job }) => job.note);
  const known = new Set<unknown>(reports.map(({ job }) => job.note));
  return {
    lost: notes((report, commits) => isDone(report) && commits.length === 0),
    doubled: notes((_report, commits) => commits.length > 1),
    misreported: notes(
      (report, commits) =>
        !isDone(report) && report.update.outcome !== 'uncertain' && commits.length > 0,
    ),
    otherVersion: notes(
      ({ update }, commits) =>
        update.outcome === 'updated' &&
        commits[0] !== undefined &&
        `W/"${String(commits[0].before?.version)}"` !== update.attempts.at(-1)?.versionSent,
    ),
    overwritten: notes(
      ({ job }, commits) =>
        job.seen !== undefined &&
        commits[0] !== undefined &&
        commits[0].before?.note !== job.seen.values.note,
    ),
    strangers: own.filter(({ after }) => !known.has(after?.note)),
    created: history.filter(({ change }) => change === 'INSERT').length,
    outcomes: countOutcomes(reports),
  };
}

function isDone({ update: { outcome } }: Report): boolean {
  return ACKNOWLEDGED.includes(outcome);
}

function countOutcomes(reports: readonly Report[]): Record<Outcome, number> {
  const count = (outcome: Outcome): number =>
    reports.filter(({ update }) => update.outcome === outcome).length;
  return Object.fromEntries(OUTCOMES.map(outcome => [outcome, count(outcome)])) as Record<
    Outcome,
    number
  >;
}
