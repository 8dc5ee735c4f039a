import type { Refusal } from '../../../lib/lifecycle/guard';
import type { Conflict } from '../../../lib/outcome/outcome';
import type { Change, Defect, LoggedRequest } from '../../../sandbox/index';
import { NEXT_STATUSES } from '../../../sandbox/work-orders/schema';

/** One delivery of a machine's event; a repeated signal is another delivery with the same id. */
export interface MachineEvent {
  readonly id: string;
  readonly workOrder: string;
  /** The one that the work order is to get. */
  readonly status: string;
  /** ISO 8601 time of the signal. */
  readonly at: string;
  /** The operation that ran. */
  readonly operationId?: string;
  /** For a rework. */
  readonly defect?: Defect;
}

/** How one delivery ended, as the flow tells it. */
export interface EventReport {
  readonly id: string;
  readonly workOrder: string;
  /** The wanted one. */
  readonly status: string;
  /** ISO 8601 time of the signal. */
  readonly at: string;
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number;
  /** From arrival to end. */
  readonly ms: number;
  /** An outcome, `duplicate`, or `error` for a fault of the flow. */
  readonly end: string;
  /** Of a duplicate: the first delivery is not through yet. */
  readonly pending?: boolean;
  /** For people, where the event was not carried out. */
  readonly reason?: string;
  readonly refused?: Refusal;
  readonly conflict?: Conflict;
}

/** What the server knows about one work order. */
export interface OrderRecord {
  /** Oldest first, from its creation. */
  readonly history: readonly Change[];
  readonly requests: readonly LoggedRequest[];
}

/** Everything about one work order, for the rules of the judge. */
export interface OrderCase {
  readonly workOrder: string;
  /** Deliveries. */
  readonly events: readonly MachineEvent[];
  readonly reports: readonly EventReport[];
  readonly timeline: Timeline;
  readonly requests: readonly LoggedRequest[];
  /** Event id → when its changes were made, milliseconds since the epoch. */
  readonly effects: ReadonlyMap<string, readonly number[]>;
}

/** A rule's breaches of one work order, each in words. */
export type Rule = (order: OrderCase) => readonly string[];

/** What a work order was after one change. */
interface Moment {
  readonly change: Change;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Every field that a change named; null: empty. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** The states of one work order, replayed from its history. */
export class Timeline {
  readonly moments: readonly Moment[];

  /** `history` is oldest first, from the creation of the record. */
  constructor(history: readonly Change[]) {
    const moments: Moment[] = [];
    for (const change of history) moments.push(after(moments.at(-1), change));
    this.moments = moments;
  }

  /** `version` as the ETag spells it. */
  atVersion(version: string): Moment | undefined {
    return this.moments.find(({ change }) => change.version === version);
  }

  /**
   * What the work order was at a time in milliseconds since the epoch, all changes of that
   * millisecond made. Empty: it was not there yet.
   */
  valuesAt(time: number): Moment['values'] {
    return this.moments.findLast(({ at }) => at <= time)?.values ?? {};
  }

  /** Each change of ours with what the work order was before it; nothing where it created it. */
  ourSteps(): readonly { readonly before: Moment['values']; readonly moment: Moment }[] {
    return this.moments
      .map((moment, index) => ({ before: this.moments[index - 1]?.values ?? {}, moment }))
      .filter(({ moment }) => moment.change.by === 'api');
  }
}

function after(before: Moment | undefined, change: Change): Moment {
  const given = Object.entries(change.fields).map(([name, field]) => [name, field.after]);
  return {
    change,
    at: Date.parse(change.at),
    values: { ...before?.values, ...Object.fromEntries(given) },
  };
}

const DONE = ['updated', 'unchanged', 'already-applied'];
/** Ends that leave open whether the event had an effect. */
const OPEN = ['uncertain', 'error'];
/** Ends after which a tried event is remembered; after another one it may come again. */
export const REMEMBERED = [...DONE, 'conflict', 'invalid-state', 'rejected', 'uncertain'];

export const isDuplicate = ({ end }: EventReport): boolean => end === 'duplicate';
export const isDone = ({ end }: EventReport): boolean => DONE.includes(end);
export const isOpen = ({ end }: EventReport): boolean => OPEN.includes(end);

/** Milliseconds since the epoch. */
export const endOf = ({ arrivedAt, ms }: EventReport): number => arrivedAt + ms;

/**
 * When the server last told what the record is like, or refused a write, before the event ended:
 * milliseconds since the epoch. Only what comes in from us changes a record, so that this is also
 * what it was like at the end. undefined: nobody asked.
 */
export function lastJudged(report: EventReport, { requests }: OrderCase): number | undefined {
  return requests
    .map(({ at }) => Date.parse(at))
    .filter(at => at >= report.arrivedAt && at <= endOf(report))
    .at(-1);
}

/** The statuses that may follow at the server; to stay is no transition. */
export function nextOf(from: unknown): readonly string[] {
  const next: Readonly<Record<string, readonly string[] | undefined>> = NEXT_STATUSES;
  return next[String(from)] ?? [];
}

export const isTransition = (from: unknown, to: unknown): boolean =>
  nextOf(from).includes(String(to));

export function groupBy<T>(list: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}
