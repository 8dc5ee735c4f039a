import { digitsOf } from '../record/exact';
import { MAX_NESTING, MAX_VALUES } from '../record/extent';
import { isFields, isThenable, setOwn, type Fields } from '../record/fields';
import type { LeftOut } from './dead-letter';

/** A message as it can be kept. */
export interface Original {
  readonly message: Fields;
  /** At most `MOST_LEFT_OUT`. */
  readonly leftOut: readonly LeftOut[];
}

export interface OriginalOptions {
  /** Members of the message that are kept elsewhere, or are of no use any more. */
  readonly omit: readonly string[];
  /** Hides credentials that a text repeats. */
  readonly hide: (text: string) => string;
}

export const MOST_LEFT_OUT = 50;

/**
 * A copy of a message as plain data, without members that are secrets by their name or cannot be written as JSON. Nothing
 * of it makes the message unfit to be kept: what is left out is named.
 */
export function originalOf(msg: Fields, options: OriginalOptions): Original {
  const copier = new Copier(options.hide);
  const kept = Object.entries(msg).filter(([name]) => !options.omit.includes(name));
  const message = copier.members(Object.fromEntries(kept), 'msg', 1);
  return { message, leftOut: copier.leftOut };
}

/** Names of secrets, without case, `-` and `_`. */
const SECRETS =
  /^(?:(?:proxy)?authorization|(?:set)?cookies?|auth|credentials?|pwd|passphrase|privatekey|.*(?:password|passwd|secret|token|apikey|accesskey))$/;

export function isSecretName(name: string): boolean {
  return SECRETS.test(name.toLowerCase().replace(/[-_]/g, ''));
}

/** What an HTTP in node puts into a message. */
const SOCKETS = ['req', 'res'];

class Copier {
  readonly leftOut: LeftOut[] = [];
  private values = 0;

  constructor(private readonly hide: (text: string) => string) {}

  members(given: object, path: string, depth: number): Fields {
    const copy: Record<string, unknown> = {};
    for (const [name, value] of entriesOf(given)) {
      const at = `${path}.${name}`;
      if (isSecretName(name) && typeof value !== 'boolean') this.leave(at, 'secret');
      else if (depth === 1 && SOCKETS.includes(name) && typeof value === 'object') {
        this.leave(at, 'kind');
      } else {
        const kept = this.value(value, at, depth);
        if (kept !== undefined) setOwn(copy, this.hide(name), kept);
      }
    }
    return copy;
  }

  /** Undefined: it is left out. */
  private value(value: unknown, path: string, depth: number): unknown {
    if (++this.values > MAX_VALUES) return this.leave(path, 'size');
    switch (typeof value) {
      case 'string':
        return this.hide(value);
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.leave(path, 'kind');
      case 'undefined':
        return undefined;
      case 'object':
        return value === null ? null : this.object(value, path, depth);
      default:
        return this.leave(path, 'kind');
    }
  }

  private object(value: object, path: string, depth: number): unknown {
    if (digitsOf(value) !== undefined) return value;
    if (depth >= MAX_NESTING) return this.leave(path, 'size');
    if (Array.isArray(value)) return this.items(value as unknown[], path, depth);
    const time = timeOf(value);
    if (time !== undefined) return time;
    const isPlain = isFields(value) && !isThenable(value) && !('toJSON' in value);
    return isPlain ? this.members(value, path, depth + 1) : this.leave(path, 'kind');
  }

  /** An item keeps its place. */
  private items(given: readonly unknown[], path: string, depth: number): unknown[] {
    const copy: unknown[] = [];
    for (let n = 0; n < given.length && this.values <= MAX_VALUES; n++) {
      copy.push(this.item(given[n], `${path}[${String(n)}]`, depth + 1));
    }
    return copy;
  }

  private item(value: unknown, path: string, depth: number): unknown {
    return this.value(value, path, depth) ?? null;
  }

  private leave(path: string, why: LeftOut['why']): unknown {
    if (this.leftOut.length < MOST_LEFT_OUT) this.leftOut.push({ path: path.slice(0, 200), why });
    return undefined;
  }
}

/** What cannot even be listed has nothing to keep. */
function entriesOf(given: object): [string, unknown][] {
  try {
    return Object.entries(given);
  } catch {
    return [];
  }
}

/** Tells by its tag, because dates from a function node have another realm's prototype. */
function timeOf(value: object): string | undefined {
  if (Object.prototype.toString.call(value) !== '[object Date]') return undefined;
  const time = value as Date;
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
