import { InputError, StopError } from '../../lib/errors';
import type { UpdateResult } from '../../lib/outcome/outcome';

/** So many records are named. */
const MOST_NAMED = 20;

/** Results that could not be passed on: what they say must not get lost with them. */
export class Lost {
  private readonly named: string[] = [];
  private count = 0;
  private isInDoubt = false;
  private reason: unknown;

  add({ key, outcome }: UpdateResult, reason?: unknown): void {
    this.count++;
    this.isInDoubt ||= outcome === 'uncertain';
    this.reason ??= reason;
    if (this.count <= MOST_NAMED) this.named.push(`${JSON.stringify(key)} ${outcome}`);
  }

  /** What the message of the list ends with: undefined where nothing is lost and nothing else was wrong. */
  with(error?: Error): Error | undefined {
    if (this.count === 0) return error;
    const before = error ?? this.reason;
    const why = before instanceof Error ? before.message : 'The results could not be passed on.';
    const said = `${why} ${this.inWords()}`;
    if (this.isInDoubt) return new StopError('UPDATE_UNCERTAIN', said);
    if (before instanceof StopError) return new StopError(before.code, said);
    return new InputError(before instanceof InputError ? before.code : 'MESSAGE_NOT_PASSED', said);
  }

  private inWords(): string {
    const more = this.count > MOST_NAMED ? ', …' : '';
    const what = this.count === 1 ? 'One record was' : `${String(this.count)} records were`;
    return `${what} over, and the results could not be passed on: ${this.named.join(', ')}${more}.`;
  }
}
