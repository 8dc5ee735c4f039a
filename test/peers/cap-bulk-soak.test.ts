import { expect, test } from 'vitest';
import { OUTCOMES, type Outcome, type UpdateResult } from '../../lib/outcome/outcome';
import type { Snapshot } from '../../lib/record/snapshot';
import { draw, hashText } from '../../sandbox/random';
import type { ProxyFaultRule, SeenRequest } from '../support/fault-proxy-rules';
import {
  CAP_DIALECTS,
  capBulk,
  capOrders,
  committedTo,
  snapshotsOf,
  type CapBulk,
  type CapDialect,
} from './cap-bulk';
import { useOwnCapPeer, type CapChange, type CapPeer } from './cap-peer';

const SEED = 20_261_129;
/** `CAP_BULK_RECORDS=5000` makes it the load that a release has to stand; the figures are then shown. */
const RECORDS = Number(process.env.CAP_BULK_RECORDS ?? 300);
/** Share of the records that somebody else changes while a batch is under way. */
const NOISE = 0.15;
/** Of these changes, the share that is of the field which the updates write. */
const CONFLICTING = 0.3;

const isBatch = ({ url }: SeenRequest): boolean => url.includes('$batch');

const STRUCK = [
  'reset',
  'reset-after',
  'lost-response',
  'truncated',
  'error-after-commit',
] as const;

/** Of so many batches each fault strikes one. */
const EVERY = 13;

/** Chance strikes the reads; of the batches none is left to it, so that also a short run meets everything. */
function faults(): readonly ProxyFaultRule[] {
  return [
    ...STRUCK.map((fault, place) => ({ fault, on: everyNth(2 * place) })),
    { fault: 'reset', on: request => !isBatch(request), rate: 0.02 },
    { fault: 'truncated', on: request => !isBatch(request), rate: 0.02 },
    { fault: 'throttled', rate: 0.02, retryAfter: '1' },
  ];
}

function everyNth(place: number): (request: SeenRequest) => boolean {
  let batches = 0;
  return request => isBatch(request) && batches++ % EVERY === place;
}

const peer = useOwnCapPeer();

interface Job {
  readonly ID: string;
  /** Written by this update alone, so the history tells what became of it. */
  readonly note: string;
  /** What the update was decided on; absent: it reads the record itself. */
  readonly seen: Snapshot | undefined;
}

interface Report {
  readonly job: Job;
  readonly update: UpdateResult;
}

test.each(Object.entries(CAP_DIALECTS))(
  `${String(RECORDS)} updates in batches at SAP CAP through faults, %s: nothing is lost, doubled, misreported or overwritten`,
  async (name, dialect) => {
    const bulk = await start(dialect);
    const ids = await capOrders(peer(), RECORDS);
    const jobs = await jobsFor(bulk, ids);
    meddle(bulk, peer(), ids);
    const { outputs, summary, notices } = await bulk.run(
      jobs.map(({ ID, note, seen }) => ({
        ID,
        changes: { note },
        part: seen === undefined ? {} : { snapshot: seen },
      })),
    );
    const reports = jobs.map((job, n): Report => {
      const update = outputs[n]?.result;
      if (update === undefined) throw new Error(`${job.note} has no end.`);
      return { job, update };
    });
    const verdict = judge(reports, await committedTo(peer(), ids));

    expect(verdict).toMatchObject(NOTHING_WRONG);
    expect(OUTCOMES.reduce((sum, outcome) => sum + summary[outcome], 0)).toBe(RECORDS);
    expect(notices).toEqual([]);
    // Without these the run would have proven nothing.
    for (const fault of STRUCK) expect(bulk.proxy.count(fault), fault).toBeGreaterThan(0);
    for (const outcome of ['updated', 'already-applied', 'conflict'] as const) {
      expect(summary[outcome], outcome).toBeGreaterThan(0);
    }
    expect(summary.updated + summary['already-applied']).toBeGreaterThan(RECORDS * 0.8);
    if (process.env.CAP_BULK_RECORDS !== undefined) console.log(name, summary);
  },
  600_000,
);

/** Retries wait in a time that passes by itself; many, because every one of these batches meets others and faults. */
function start(dialect: CapDialect): Promise<CapBulk> {
  return capBulk(peer(), {
    dialect,
    rules: faults(),
    options: { batchSize: 15, parallel: 4 },
    policy: { conflictRetries: 12, transientRetries: 12, deadlineMs: 600_000 },
  });
}

/** Every other update was decided on what a fetch node had read before. */
async function jobsFor(bulk: CapBulk, ids: readonly string[]): Promise<readonly Job[]> {
  const seen = await snapshotsOf(bulk, ids);
  return ids.map((ID, n) => ({
    ID,
    note: `update ${String(n)}`,
    seen: n % 2 === 0 ? seen[n] : undefined,
  }));
}

/** With every batch somebody else changes a share of the records before it arrives. */
function meddle({ beforeWrites }: CapBulk, service: CapPeer, ids: readonly string[]): void {
  beforeWrites(async (n, { body = '' }) => {
    const met = ids.filter(ID => body.includes(ID) && chance(n, `met ${ID}`) < NOISE);
    const theirs = met.filter(ID => chance(n, `theirs ${ID}`) < CONFLICTING);
    await service.changeMany('Orders', theirs, { note: `operator ${String(n)}` });
    const others = met.filter(ID => !theirs.includes(ID));
    await service.changeMany('Orders', others, { seenBy: `job ${String(n)}` });
  });
}

function chance(n: number, what: string): number {
  return draw(hashText(what, SEED), n, 0);
}

/** Named are the notes of the updates of which it is true. */
interface Verdict {
  /** Acknowledged without being in the history. */
  readonly lost: readonly string[];
  /** In the history more than once. */
  readonly doubled: readonly string[];
  /** In the history although the sender was told that nothing was written. */
  readonly misreported: readonly string[];
  /** Committed over a value that its sender had not seen. */
  readonly overwritten: readonly string[];
  /** In the history of another record. */
  readonly strayed: readonly string[];
}

const NOTHING_WRONG: Verdict = {
  lost: [],
  doubled: [],
  misreported: [],
  overwritten: [],
  strayed: [],
};

const ACKNOWLEDGED: readonly Outcome[] = ['updated', 'unchanged', 'already-applied'];

/** What the history of the service, written by its database, says about the reports. */
function judge(
  reports: readonly Report[],
  commits: ReadonlyMap<string, readonly CapChange[]>,
): Verdict {
  const own = ({ job }: Report): readonly CapChange[] => commits.get(job.ID) ?? [];
  const notes = (test: (report: Report, changes: readonly CapChange[]) => boolean): string[] =>
    reports.filter(report => test(report, own(report))).map(({ job }) => job.note);
  const isDone = ({ update: { outcome } }: Report): boolean => ACKNOWLEDGED.includes(outcome);
  return {
    lost: notes((report, changes) => isDone(report) && changes.length === 0),
    doubled: notes((_report, changes) => changes.length > 1),
    misreported: notes(
      (report, changes) =>
        !isDone(report) && report.update.outcome !== 'uncertain' && changes.length > 0,
    ),
    overwritten: notes(
      ({ job }, [change]) =>
        job.seen !== undefined &&
        change !== undefined &&
        change.before?.note !== job.seen.values.note,
    ),
    strayed: notes(({ job }, changes) => changes.some(({ after }) => after?.note !== job.note)),
  };
}
