/**
 * What the file of the seen events holds. Times: wall clock, milliseconds since the epoch; `for` and `age` are
 * milliseconds. Ids, records and targets are bounded keys.
 */
export type SeenEntry = ConfirmedEntry | TargetEntry | LeftEntry;

/** An event that was confirmed, `age` after it was claimed. */
export interface ConfirmedEntry {
  readonly id: string;
  readonly at: number;
  readonly for: number;
  readonly age: number;
}

/** The event that sent a record to a target and was confirmed; `at` is when it was claimed. */
export interface TargetEntry {
  readonly record: string;
  readonly target: string;
  readonly at: number;
  readonly for: number;
}

/** Another target was named for the record: the one before does not count any more. */
export interface LeftEntry {
  readonly record: string;
  readonly target?: never;
}

/** Undefined: it is none of these. */
export function readSeenEntry(value: unknown): SeenEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entry = value as Record<string, unknown>;
  return isConfirmed(entry) || isTarget(entry) || isLeft(entry) ? (value as SeenEntry) : undefined;
}

function isConfirmed({ id, at, for: lastsMs, age }: Record<string, unknown>): boolean {
  return typeof id === 'string' && areNumbers(at, lastsMs, age);
}

function isTarget({ record, target, at, for: lastsMs }: Record<string, unknown>): boolean {
  return typeof record === 'string' && typeof target === 'string' && areNumbers(at, lastsMs);
}

function isLeft({ record, target }: Record<string, unknown>): boolean {
  return typeof record === 'string' && target === undefined;
}

function areNumbers(...values: readonly unknown[]): boolean {
  return values.every(value => Number.isFinite(value));
}
