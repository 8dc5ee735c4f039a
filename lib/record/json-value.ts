import { digitsOf, exactNumber, isUnsafe } from './exact';
import { MAX_NESTING, MAX_VALUES } from './extent';
import { isFields, isThenable, setOwn } from './fields';

/** What is wrong with a value, as the end of a sentence, and how to mend it. */
export interface Unfit {
  readonly problem: string;
  readonly fix: string;
}

/**
 * A value as JSON carries it unchanged: a message must survive cloning and storage. Numbers that came as objects of
 * `lossless-json` become plain ones, where JavaScript holds them, and stay digit by digit where it does not.
 */
export function jsonValue(given: unknown): { readonly value: unknown } | { readonly unfit: Unfit } {
  if (isPlain(given)) return { value: given };
  try {
    return { value: new Reader().read(given, 0) };
  } catch (error) {
    if (error instanceof UnfitError) return { unfit: error.unfit };
    throw error;
  }
}

/** Nearly all are. */
function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
}

const AWAIT =
  'An "await" was forgotten where it was set: write it before the call there, for example in the function node.';

class UnfitError extends Error {
  constructor(readonly unfit: Unfit) {
    super(unfit.problem);
  }
}

class Reader {
  private values = 0;

  read(value: unknown, depth: number): unknown {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return checkedNumber(value);
    if (depth > MAX_NESTING) throw unfit('is nested too deep, or contains itself', LESS);
    this.values += 1;
    if (this.values > MAX_VALUES) throw unfit('holds too many values', LESS);
    const digits = digitsOf(value);
    if (digits !== undefined) return exactNumber(digits);
    if (Array.isArray(value)) return this.items(value, depth);
    if (isThenable(value)) throw unfit('is a promise, not a value', AWAIT);
    if (!isFields(value) || 'toJSON' in value) throw unfit(`is not a JSON value (${kind(value)})`);
    return this.members(value, depth);
  }

  /** Not `map`: it passes over holes, which JSON would make null. */
  private items(given: readonly unknown[], depth: number): unknown[] {
    if (given.length > MAX_VALUES) throw unfit('holds too many values', LESS);
    return Array.from(given, item => this.read(item, depth + 1));
  }

  private members(given: Readonly<Record<string, unknown>>, depth: number): unknown {
    const members: Record<string, unknown> = {};
    for (const name of Object.keys(given)) {
      // Copying a message may make a prototype of it, and what it holds would be gone without a word.
      if (name === '__proto__') throw unfit('has a member "__proto__"', 'Leave it out.');
      setOwn(members, name, this.read(given[name], depth + 1));
    }
    return members;
  }
}

function checkedNumber(value: number): number {
  if (!Number.isFinite(value)) throw unfit(`is not a JSON value (${String(value)})`);
  if (!isUnsafe(value)) return value;
  throw unfit(
    `holds a number beyond ${String(Number.MAX_SAFE_INTEGER)}, which JavaScript may have rounded`,
    'Give its digits as text, or type the number in the dialog.',
  );
}

const TYPES = 'Use text, a number, true/false, null, an object or an array.';
const LESS = 'Write less at once.';

function unfit(problem: string, fix = TYPES): UnfitError {
  return new UnfitError({ problem, fix });
}

function kind(value: unknown): string {
  if (value === undefined) return 'nothing there';
  if (Buffer.isBuffer(value)) return 'a buffer';
  if (isFields(value)) return 'an object that writes itself as something else';
  return `a ${typeof value}`;
}
