/**
 * What the file of a queue holds: first what it is as a whole, then its records, then every change. A change has a
 * number; one that the state before it holds already is skipped. Times: wall clock, milliseconds since the epoch; what
 * lasts is given by its beginning (`time`) and its length.
 */
export type QueueEntry = BeginEntry | RecordEntry | NumberedEntry;
export type NumberedEntry = ChangeEntry | TakeEntry | NoteEntry | ControlEntry;

export type ItemEntry = readonly [
  id: number,
  text: string,
  acceptedAt: number,
  dueAt: number,
  deliveries: number,
  note?: string,
];

/** The state after the change of that number; the records follow. */
export interface BeginEntry {
  readonly begin: number;
  /** Of the queue, where its file does not tell. */
  readonly name?: string;
  readonly time: number;
  readonly fence: number;
  readonly paused: boolean;
  readonly hold: string;
  readonly heldMs: number;
  readonly counters: Counts;
  /** By the time at which a minute began. */
  readonly recent: readonly (readonly [time: number, settled: number, conflicts: number])[];
}

/** By the name of the counter. */
export type Counts = Readonly<Record<string, number>>;

export interface RecordEntry {
  readonly state: string;
  readonly time: number;
  readonly items: readonly ItemEntry[];
  readonly run?: RunEntry;
  readonly memory?: string;
  /** How long memory outlives the last item and run; from `time` on where there are none of both. */
  readonly memoryMs?: number;
}

export interface RunEntry {
  readonly token: string;
  readonly item: ItemEntry;
  readonly leaseMs: number;
}

interface Numbered {
  readonly n: number;
  readonly time: number;
}

export interface ChangeEntry extends Numbered {
  readonly record: string;
  readonly ends?: string | undefined;
  /** Ids of what goes. */
  readonly gone?: readonly number[] | undefined;
  /** Where something comes, after that; without it at the end. */
  readonly at?: number | undefined;
  readonly add?: readonly ItemEntry[] | undefined;
  readonly memory?: string | undefined;
  readonly memoryMs: number;
  readonly count?: Partial<Counts> | undefined;
}

export interface TakeEntry extends Numbered {
  /** Records whose lease is over. */
  readonly over: readonly string[];
  readonly taken: readonly (readonly [record: string, id: number, token: string, fence: number])[];
  readonly leaseMs: number;
}

export interface NoteEntry extends Numbered {
  readonly record: string;
  readonly token: string;
  readonly note: string;
  readonly leaseMs: number;
}

export interface ControlEntry extends Numbered {
  readonly paused?: boolean;
  readonly hold?: string;
  readonly heldMs?: number;
  readonly flush?: true;
}

/** Undefined: it is none of these. */
export function readQueueEntry(value: unknown): QueueEntry | undefined {
  if (!isObject(value)) return undefined;
  const isKnown =
    'begin' in value ? isBegin(value) : 'state' in value ? isRecord(value) : isNumbered(value);
  return isKnown ? (value as unknown as QueueEntry) : undefined;
}

type Raw = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBegin(value: Raw): boolean {
  const { begin, name, time, fence, paused, hold, heldMs, counters, recent } = value;
  return (
    isMissingOr(name, isText) &&
    areNumbers(begin, time, fence, heldMs) &&
    typeof paused === 'boolean' &&
    typeof hold === 'string' &&
    isCounts(counters) &&
    isListOf(recent, minute => Array.isArray(minute) && areNumbers(minute[0], minute[1], minute[2]))
  );
}

function isRecord({ state, time, items, run, memory, memoryMs }: Raw): boolean {
  return (
    typeof state === 'string' &&
    areNumbers(time) &&
    isListOf(items, isItem) &&
    isMissingOr(run, isRun) &&
    isMissingOr(memory, isText) &&
    isMissingOr(memoryMs, areNumbers)
  );
}

function isRun(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { token, item, leaseMs } = value;
  return isText(token) && isItem(item) && areNumbers(leaseMs);
}

function isNumbered(value: Raw): boolean {
  const { n, time, leaseMs } = value;
  if (!areNumbers(n, time)) return false;
  if ('taken' in value) {
    return areNumbers(leaseMs) && isListOf(value.over, isText) && isListOf(value.taken, isTaken);
  }
  if ('note' in value) {
    return areNumbers(leaseMs) && [value.record, value.token, value.note].every(isText);
  }
  return 'record' in value ? isChange(value) : isControl(value);
}

function isChange({ record, ends, gone, at, add, memory, memoryMs, count }: Raw): boolean {
  return (
    isText(record) &&
    isMissingOr(ends, isText) &&
    isMissingOr(gone, ids => isListOf(ids, areNumbers)) &&
    isMissingOr(at, areNumbers) &&
    isMissingOr(add, items => isListOf(items, isItem)) &&
    isMissingOr(memory, isText) &&
    areNumbers(memoryMs) &&
    isMissingOr(count, isCounts)
  );
}

function isControl({ paused, hold, heldMs, flush }: Raw): boolean {
  return (
    isMissingOr(paused, value => typeof value === 'boolean') &&
    isMissingOr(hold, isText) &&
    isMissingOr(heldMs, areNumbers) &&
    isMissingOr(flush, value => value === true)
  );
}

function isItem(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [id, text, acceptedAt, dueAt, deliveries, note] = value as unknown[];
  return areNumbers(id, acceptedAt, dueAt, deliveries) && isText(text) && isMissingOr(note, isText);
}

function isTaken(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [record, id, token, fence] = value as unknown[];
  return isText(record) && isText(token) && areNumbers(id, fence);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isCounts(value: unknown): boolean {
  return isObject(value) && areNumbers(...Object.values(value));
}

function isListOf(value: unknown, isElement: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(element => isElement(element));
}

function isMissingOr(value: unknown, isRight: (value: unknown) => boolean): boolean {
  return value === undefined || isRight(value);
}

function areNumbers(...values: readonly unknown[]): boolean {
  return values.every(value => Number.isFinite(value));
}
