import type { EndedUpdate } from '../outcome/ended-update';
import { metConflict } from '../outcome/met-conflict';
import { DONE_OUTCOMES, OUTCOMES, type Outcome, type UpdateResult } from '../outcome/outcome';
import type { SettledCounts } from '../retry/conflict-rate';

/** Upper ends of the buckets of durations, milliseconds; a last bucket holds what took longer. */
export const LATENCY_BOUNDS_MS = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

/**
 * What is counted besides outcomes and durations.
 * `attempts`: writes sent · `reads`: reads sent · `conflicts`: updates that met a conflict: the version had moved, or they
 * ended as `conflict` · `noise`: of these, where no conflict in one of their fields was told · `permanent`: of these, what needs
 * a person: not done, and no rule gave it up · `retried`: updates that were tried more than once · `retriedDone`: of these,
 * done · `retriesOfDone`: retries of all updates that are done.
 */
export const TALLIES = [
  'attempts',
  'reads',
  'conflicts',
  'noise',
  'permanent',
  'retried',
  'retriedDone',
  'retriesOfDone',
] as const;
export type TallyName = (typeof TALLIES)[number];

/**
 * Counters as one row of numbers: outcomes in the order of `OUTCOMES` (`retry` counts passes of wired loops, which are no
 * ended updates), then `TALLIES`, then durations by `LATENCY_BOUNDS_MS`. A row adds up with another one place by place.
 */
export type CountRow = number[];

export const ROW_LENGTH = OUTCOMES.length + TALLIES.length + LATENCY_BOUNDS_MS.length + 1;

const TALLY_AT = OUTCOMES.length;
const LATENCY_AT = TALLY_AT + TALLIES.length;

export function emptyRow(): CountRow {
  return Array.from({ length: ROW_LENGTH }, () => 0);
}

function latencyAt(durationMs: number): number {
  const bucket = LATENCY_BOUNDS_MS.findIndex(bound => durationMs <= bound);
  return LATENCY_AT + (bucket < 0 ? LATENCY_BOUNDS_MS.length : bucket);
}

/** Adds `more` to `row`, place by place. */
export function addRow(row: CountRow, more: ArrayLike<number>): void {
  for (let at = 0; at < ROW_LENGTH; at++) row[at] = (row[at] ?? 0) + (more[at] ?? 0);
}

const PLACE = {
  outcomes: Object.fromEntries(OUTCOMES.map((outcome, at) => [outcome, at])) as Record<
    Outcome,
    number
  >,
  tallies: Object.fromEntries(TALLIES.map((name, i) => [name, TALLY_AT + i])) as Record<
    TallyName,
    number
  >,
};

const RETRY_AT = PLACE.outcomes.retry;

/** Counts one update. Every update pays for this. */
export function countInto(row: CountRow, ended: EndedUpdate): void {
  const { result, isLaterPass } = ended;
  const { outcomes, tallies } = PLACE;
  const count = (at: number, more: number): void => {
    row[at] = (row[at] ?? 0) + more;
  };
  count(outcomes[result.outcome], 1);
  count(tallies.attempts, result.attempts.length);
  count(tallies.reads, result.reads);
  // A pass of a wired loop: the update goes on.
  if (result.outcome === 'retry') return;
  const isDone = DONE_OUTCOMES.includes(result.outcome);
  const retries = result.retries + (isLaterPass ? 1 : 0);
  if (retries > 0) {
    count(tallies.retried, 1);
    if (isDone) count(tallies.retriedDone, 1);
  }
  if (isDone) count(tallies.retriesOfDone, retries);
  count(latencyAt(result.durationMs), 1);
  if (!endedInConflict(ended)) return;
  count(tallies.conflicts, 1);
  if (isNoise(result)) count(tallies.noise, 1);
  if (!isDone && result.conflict?.resolution !== 'theirs') count(tallies.permanent, 1);
}

/** What of a row says whether many updates meet conflicts. */
export function settledIn(row: ArrayLike<number>): SettledCounts {
  let settled = 0;
  for (let at = 0; at < OUTCOMES.length; at++) if (at !== RETRY_AT) settled += row[at] ?? 0;
  return { settled, conflicts: row[PLACE.tallies.conflicts] ?? 0 };
}

/** Whether this pass or one before had met a conflict. */
export function endedInConflict({ result, metEarlier }: EndedUpdate): boolean {
  return metEarlier || metConflict(result);
}

function isNoise({ outcome, kept }: UpdateResult): boolean {
  return outcome !== 'conflict' && kept === undefined;
}

/** What counters say. Shares are 0 to 1, and undefined where nothing was counted that they are of. */
export interface Rates {
  /** Updates that ended, whatever their outcome; passes of wired loops are none. */
  readonly updates: number;
  readonly byOutcome: Readonly<Partial<Record<Outcome, number>>>;
  /** `updated`, `unchanged`, `already-applied`. */
  readonly done: number;
  readonly attempts: number;
  readonly reads: number;
  readonly conflicts: number;
  readonly noise: number;
  /** Conflicts that need a person. */
  readonly permanent: number;
  readonly retried: number;
  /** Share of the updates that met a conflict. */
  readonly conflictRate: number | undefined;
  /** Share of the updates that met noise only. */
  readonly noiseRate: number | undefined;
  /** Share done of the updates that were tried more than once. */
  readonly retrySuccess: number | undefined;
  /** Retries per update that is done. */
  readonly retriesPerSuccess: number | undefined;
  /** Durations of ended updates: so many took at most `LATENCY_BOUNDS_MS[i]`, and longer than the bound before. */
  readonly latency: readonly number[];
  /** Upper bound of the bucket that holds the median, milliseconds; Infinity: above the last bound. */
  readonly medianMs: number | undefined;
  /** The same for 95 of 100. */
  readonly p95Ms: number | undefined;
}

export function ratesOf(row: ArrayLike<number>): Rates {
  const at = (place: number): number => row[place] ?? 0;
  const tally = (name: TallyName): number => at(PLACE.tallies[name]);
  const byOutcome = Object.fromEntries(
    OUTCOMES.flatMap((outcome, place) => (at(place) === 0 ? [] : [[outcome, at(place)]])),
  ) as Rates['byOutcome'];
  const sumOf = (outcomes: readonly Outcome[]): number =>
    outcomes.reduce((sum, outcome) => sum + at(PLACE.outcomes[outcome]), 0);
  const updates = sumOf(OUTCOMES) - at(PLACE.outcomes.retry);
  const done = sumOf(DONE_OUTCOMES);
  const latency = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, i) =>
    at(LATENCY_AT + i),
  );
  return {
    updates,
    byOutcome,
    done,
    attempts: tally('attempts'),
    reads: tally('reads'),
    conflicts: tally('conflicts'),
    noise: tally('noise'),
    permanent: tally('permanent'),
    retried: tally('retried'),
    conflictRate: share(tally('conflicts'), updates),
    noiseRate: share(tally('noise'), updates),
    retrySuccess: share(tally('retriedDone'), tally('retried')),
    retriesPerSuccess: share(tally('retriesOfDone'), done),
    latency,
    medianMs: boundOf(latency, 0.5),
    p95Ms: boundOf(latency, 0.95),
  };
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Upper bound of the bucket below which that share of all durations lies. */
function boundOf(latency: readonly number[], of: number): number | undefined {
  const all = latency.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let below = 0;
  const bucket = latency.findIndex(count => (below += count) >= of * all);
  return LATENCY_BOUNDS_MS[bucket] ?? Infinity;
}
