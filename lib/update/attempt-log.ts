import type { Attempt, FieldConflict } from '../outcome/outcome';

/** What is known of an attempt as soon as its answer is in. */
export type Sent = Pick<Attempt, 'when' | 'versionSent' | 'class' | 'status' | 'waitedMs'>;

/** What a look at the record after an attempt found. */
export interface Seen {
  readonly version: string;
  /** Called only where the version log wants it. */
  readonly diff: () => readonly FieldConflict[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The writes of one update, in the order in which they were sent. */
export class AttemptLog {
  private readonly attempts: Mutable<Attempt>[] = [];
  /** How many attempts the listener knows. */
  private told = 0;

  /** Without a listener no differences are worked out. */
  constructor(private readonly listener: ((attempt: Attempt) => void) | undefined) {}

  get all(): readonly Attempt[] {
    return this.attempts;
  }

  get latest(): Attempt | undefined {
    return this.attempts.at(-1);
  }

  add(sent: Sent): void {
    this.attempts.push(this.listener === undefined ? { ...sent } : { ...sent, diff: [] });
  }

  /** The version that was in place after the latest attempt. */
  sawVersion(version: string): void {
    const latest = this.attempts.at(-1);
    if (latest !== undefined) latest.versionSeen = version;
  }

  saw({ version, diff }: Seen): void {
    this.sawVersion(version);
    const latest = this.attempts.at(-1);
    if (latest?.diff !== undefined) latest.diff = diff();
  }

  /** What followed from the attempts so far is known: tells the listener those it has not been told. */
  tell(): void {
    const { listener } = this;
    if (listener === undefined) return;
    const untold = this.attempts.slice(this.told);
    this.told = this.attempts.length;
    for (const attempt of untold) listener(attempt);
  }
}
