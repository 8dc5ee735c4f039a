import { randomBytes } from 'node:crypto';
import { StoreUnavailable } from './faults';
import type { Value } from './queue-answers';
import { PUTS } from './queue-change';

/**
 * Of a step: state after all of it, what was taken, 1 for each change that was made, and what is to be said of the others; the
 * state alone where all were made and nothing was to be taken.
 * @param args as `STEP` takes them
 */
type Send = (args: readonly string[]) => Promise<string | readonly Value[]>;

/** What one of several led to: `answer` as the script says it, `state` after all that went with it. Throws where it failed. */
type Read<S, T> = (answer: Value, state: S) => T;

interface Asking<S> {
  readonly given: readonly string[];
  readonly answer: (answer: Value, state: S) => void;
  readonly reject: (error: unknown) => void;
}

interface Change<S> extends Asking<S> {
  readonly numbers: string;
  readonly isPut: boolean;
}

interface Step<S> {
  readonly changes: readonly Change<S>[];
  /** Undefined: nothing is taken after them. */
  readonly take: Asking<S> | undefined;
}

/** So many changes at once: Redis serves nobody else meanwhile. */
const MOST = 32;
/** Of what was under way at the busiest, so much counts one step later. */
const FADING = 0.9;
/** Fewer are not worth a script of their own while others are being made. */
const LEAST = 5;

/**
 * Changes that are asked for within one turn of the event loop go together in one script, and a take that is asked for with
 * them comes after them in the same one: what it costs to ask, here and in Redis, is paid once for all of them, and the
 * state that they lead to is read once.
 */
export class QueueSteps<S> {
  private changes: Change<S>[] = [];
  private takes: Asking<S>[] = [];
  private isSending = false;
  private unanswered = 0;
  /** How many changes are unanswered when it is busiest. */
  private busy = 0;
  /** Nobody else has it; with a number after it, it names one step. */
  private readonly name = randomBytes(9).toString('base64url');
  private last = 0;

  /**
   * @param onWork called when something is about to change, in time for a take that goes with it; and again when it has
   * changed, where none did
   */
  constructor(
    private readonly ask: Send,
    private readonly stateOf: (answer: Value | undefined) => S,
    private readonly onWork: () => void,
  ) {}

  /**
   * Rejects as the asking and the reading do.
   * @param numbers and what else the script takes of it
   * @param isPut one item comes, whatever is there or nothing, and nothing else is counted
   */
  change<T>(
    numbers: string,
    given: readonly string[],
    isPut: boolean,
    read: Read<S, T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = reading(read, resolve, reject);
      this.changes.push({ numbers, given, isPut, answer, reject });
      this.unanswered++;
      if (this.changes.length === 1) {
        this.sendSoon();
        this.onWork();
      }
      if (this.changes.length >= this.half) this.send();
    });
  }

  /** Comes after all changes asked for so far. Rejects as they do. @param given what the script takes of it */
  take<T>(given: readonly string[], read: Read<S, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.takes.push({ given, answer: reading(read, resolve, reject), reject });
      this.sendSoon();
    });
  }

  /** Redis works on one half while the other is being made. */
  private get half(): number {
    return Math.min(MOST, Math.max(LEAST, Math.ceil(this.busy / 2)));
  }

  private sendSoon(): void {
    if (this.isSending) return;
    this.isSending = true;
    process.nextTick(() => {
      this.isSending = false;
      this.send();
    });
  }

  private send(): void {
    const { changes } = this;
    const [take, ...others] = this.takes;
    this.changes = [];
    this.takes = [];
    if (changes.length > 0) this.busy = Math.max(this.unanswered, this.busy * FADING);
    if (changes.length > 0 || take !== undefined) void this.run({ changes, take });
    for (const other of others) void this.run({ changes: [], take: other });
  }

  private async run(step: Step<S>): Promise<void> {
    await this.together(step);
    this.unanswered -= step.changes.length;
    if (step.take === undefined) this.onWork();
  }

  private async together({ changes, take }: Step<S>): Promise<void> {
    try {
      const args = this.argsOf({ changes, take });
      const answers = await (changes.length > 0 ? this.askTwice(args) : this.ask(args));
      if (typeof answers === 'string') this.tellMade(changes, answers);
      else this.tell({ changes, take }, answers);
    } catch (error) {
      const all = take === undefined ? changes : [...changes, take];
      if (error instanceof StoreUnavailable || all.length === 1) {
        for (const { reject } of all) reject(error);
      } else await this.oneByOne({ changes, take });
    }
  }

  private argsOf({ changes, take }: Step<S>): string[] {
    const id = changes.length > 0 ? this.name + (++this.last).toString(36) : '';
    const args = [id, arePuts(changes) ? PUTS : '0', ...(take?.given ?? NO_TAKE)];
    addChanges(args, changes);
    return args;
  }

  private tellMade(changes: Step<S>['changes'], said: string): void {
    const state = this.stateOf(said);
    for (const { answer } of changes) answer(MADE, state);
  }

  private tell({ changes, take }: Step<S>, answers: readonly Value[]): void {
    const [said, taken = null, outcomes, ...others] = answers;
    const state = this.stateOf(said);
    const made = String(outcomes);
    let other = 0;
    changes.forEach(({ answer }, n) => {
      answer(made[n] === '1' ? MADE : (others[other++] ?? null), state);
    });
    take?.answer(taken, state);
  }

  /** Whoever asks again with the same id gets the same answer: once is no outage yet. */
  private askTwice(args: readonly string[]): ReturnType<Send> {
    return this.ask(args).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) return this.ask(args.with(1, '1'));
      throw error;
    });
  }

  /** They were refused, and nothing was done of any: what one of them met is none of the others'. */
  private async oneByOne({ changes, take }: Step<S>): Promise<void> {
    for (const one of changes) await this.together({ changes: [one], take: undefined });
    if (take !== undefined) await this.together({ changes: [], take });
  }
}

/** The answer of a change that was made. */
export const MADE = 1;

const NO_TAKE = [''];

function reading<S, T>(
  read: Read<S, T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Asking<S>['answer'] {
  return (answer, state) => {
    try {
      resolve(read(answer, state));
    } catch (error) {
      reject(error);
    }
  };
}

/** The script has a short way for puts with the same numbers, which takes them to be of different records. */
function arePuts<S>(changes: readonly Change<S>[]): boolean {
  const numbers = changes[0]?.numbers;
  if (numbers === undefined || !changes.every(each => each.isPut && each.numbers === numbers))
    return false;
  return new Set(changes.map(({ given: [record] }) => record)).size === changes.length;
}

/** Numbers that one has in common with the next are there once for both: mostly all of them are the same. */
function addChanges<S>(args: string[], changes: readonly Change<S>[]): void {
  let start = 0;
  changes.forEach(({ numbers }, n) => {
    if (numbers === changes[n + 1]?.numbers) return;
    args.push(`${n + 1 - start} ${numbers}`);
    for (; start <= n; start++) args.push(...(changes[start]?.given ?? []));
  });
}
