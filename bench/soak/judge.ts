import { isDeepStrictEqual } from 'node:util';
import { DONE_OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import type { FieldConflict } from '../../lib/record/reconcile';
import type { Change } from '../../sandbox/records/journal';
import type { SoakReport } from './soak';

/** What the history of the records proves about a soak. */
export interface SoakVerdict {
  /** Updates reported as done that are not in the history. */
  readonly lost: number;
  /** Updates that are in the history more than once. */
  readonly duplicated: number;
  /** Updates that are in the history although their sender was told that nothing was written. */
  readonly misreported: number;
  /** Changes that operators made to fields being written. */
  readonly operatorChanges: number;
  /** Those that no update reported as a conflict with its diff: somebody's work went unseen. */
  readonly unreported: number;
  /** Reported conflicts without such a change. */
  readonly invented: number;
  /** Share of the updates that met no operator and ended as done. */
  readonly successWithoutOperator: number;
  /** How many updates ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export type HistoryOf = (orderId: string) => readonly Change[] | Promise<readonly Change[]>;

/** Outcomes that leave open whether the update was written. */
const OPEN: readonly SoakReport['outcome'][] = ['uncertain', 'error'];

/** Judges the reports of a soak by the sandbox's own history of every record. */
export async function judgeSoak(
  reports: readonly SoakReport[],
  historyOf: HistoryOf,
): Promise<SoakVerdict> {
  const records = await Promise.all(
    [...byRecord(reports)].map(async ([key, own]) => judgeRecord(own, await historyOf(key))),
  );
  const sum = (field: keyof RecordVerdict): number =>
    records.reduce((total, record) => total + record[field], 0);
  const operatorChanges = sum('operatorChanges');
  const matched = sum('matched');
  const outcomes = countOutcomes(reports);
  return {
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    misreported: sum('misreported'),
    operatorChanges,
    unreported: operatorChanges - matched,
    invented: (outcomes.conflict ?? 0) - matched,
    successWithoutOperator: reports.filter(isDone).length / (reports.length - matched),
    outcomes,
  };
}

interface RecordVerdict {
  readonly lost: number;
  readonly duplicated: number;
  readonly misreported: number;
  readonly operatorChanges: number;
  /** Operator changes that were reported. */
  readonly matched: number;
}

function judgeRecord(reports: readonly SoakReport[], history: readonly Change[]): RecordVerdict {
  const operators = history.filter(({ by }) => by === 'operator');
  const timesOf = new Map(reports.map(report => [report, timesWritten(report, history)]));
  const count = (test: (report: SoakReport, times: number) => boolean): number =>
    [...timesOf].filter(([report, times]) => test(report, times)).length;
  return {
    lost: count((report, times) => isDone(report) && times === 0),
    duplicated: count((_report, times) => times > 1),
    misreported: count((report, times) => !isDone(report) && !isOpen(report) && times > 0),
    operatorChanges: operators.length,
    matched: countReported(operators, reports),
  };
}

/** How many of the changes were reported, each by a conflict of its own. */
function countReported(operators: readonly Change[], reports: readonly SoakReport[]): number {
  const conflicts = reports.filter(({ outcome }) => outcome === 'conflict');
  let matched = 0;
  for (const change of operators) {
    const index = conflicts.findIndex(report => tellsOf(report, change));
    if (index < 0) continue;
    conflicts.splice(index, 1);
    matched += 1;
  }
  return matched;
}

/** Whether the diff shows exactly this change, from the value before to the value after. */
function tellsOf({ conflict, job }: SoakReport, { fields }: Change): boolean {
  const shown = conflict?.fields ?? [];
  const ours: Readonly<Record<string, unknown>> = job.changes;
  const matches = ({ name, base, ours: wanted, theirs }: FieldConflict): boolean =>
    isDeepStrictEqual(fields[name], { before: base, after: theirs }) && ours[name] === wanted;
  return shown.length === Object.keys(fields).length && shown.every(matches);
}

function timesWritten({ job }: SoakReport, history: readonly Change[]): number {
  return history.filter(
    ({ by, fields }) => by === 'api' && fields.description?.after === job.changes.description,
  ).length;
}

function isDone({ outcome }: SoakReport): boolean {
  return (DONE_OUTCOMES as readonly string[]).includes(outcome);
}

function isOpen({ outcome }: SoakReport): boolean {
  return OPEN.includes(outcome);
}

function byRecord(reports: readonly SoakReport[]): Map<string, SoakReport[]> {
  const groups = new Map<string, SoakReport[]>();
  for (const report of reports) {
    const group = groups.get(report.job.key);
    if (group === undefined) groups.set(report.job.key, [report]);
    else group.push(report);
  }
  return groups;
}

function countOutcomes(reports: readonly SoakReport[]): Partial<Record<Outcome | 'error', number>> {
  const counts: Partial<Record<Outcome | 'error', number>> = {};
  for (const { outcome } of reports) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
