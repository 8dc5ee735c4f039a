import { InputError } from '../../lib/errors';
import { digitsOf } from '../../lib/record/exact';
import { MAX_NESTING, MAX_VALUES } from '../../lib/record/extent';
import { isFields, isThenable } from '../../lib/record/fields';
import { hasLongNumber, parseExact, stringifyExact } from '../../lib/record/json';
import type { Message } from '../shared/scope';

/**
 * A message as JSON, from which `restored` makes the same message. A Date becomes its ISO 8601 text, and members that
 * hold undefined are left out. Throws InputError `MESSAGE_NOT_STORABLE` that names what cannot be kept.
 */
export function storable(msg: object): string {
  new Reader().members(msg, 'msg', 1);
  return stringifyExact(msg);
}

/** @param text as `storable` made it; undefined: somebody else has changed it, so that it is no message any more */
export function restored(text: string): Message | undefined {
  const message = parsed(text);
  return isFields(message) ? (message as Message) : undefined;
}

function parsed(text: string): unknown {
  try {
    return hasLongNumber(text) ? parseExact(text) : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** What an HTTP in node puts into a message. */
const SOCKETS = ['req', 'res'];

class Reader {
  private values = 0;

  members(given: object, path: string, depth: number): void {
    if (depth > MAX_NESTING) {
      throw unstorable(path, 'is nested too deep, or contains itself', LESS);
    }
    for (const [name, value] of Object.entries(given)) {
      if (depth === 1 && SOCKETS.includes(name) && typeof value === 'object' && value !== null) {
        throw unstorable(`msg.${name}`, 'is the open request of an HTTP in node', ANSWER);
      }
      const step = Array.isArray(given) ? `[${name}]` : `.${name}`;
      this.value(value, path + step, depth, Array.isArray(given));
    }
  }

  private value(value: unknown, path: string, depth: number, isItem: boolean): void {
    if (++this.values > MAX_VALUES) throw unstorable(path, 'is one value too many', LESS);
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return;
      case 'undefined':
        if (isItem) throw unstorable(path, 'is undefined', 'Write null.');
        return;
      case 'number':
        if (Number.isFinite(value)) return;
        throw unstorable(path, `is ${String(value)}`, 'Write null, or leave it out.');
      case 'object':
        this.object(value, path, depth);
        return;
      default:
        throw unstorable(path, `is a ${typeof value}`);
    }
  }

  private object(value: object | null, path: string, depth: number): void {
    if (value === null || digitsOf(value) !== undefined || isValidDate(value)) return;
    if (Buffer.isBuffer(value) || ArrayBuffer.isView(value)) {
      throw unstorable(path, 'is a buffer', BUFFER);
    }
    if (isThenable(value)) throw unstorable(path, 'is a promise', AWAIT);
    const isPlain = Array.isArray(value) || (isFields(value) && !('toJSON' in value));
    if (!isPlain) throw unstorable(path, `is ${kindOf(value)}`);
    this.members(value, path, depth + 1);
  }
}

/** Tells by its tag, because dates from a function node have another realm's prototype. */
function isValidDate(value: object): boolean {
  return kindOf(value) === 'a Date' && !Number.isNaN((value as Date).getTime());
}

function kindOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return tag === 'Object' ? 'an object that writes itself as something else' : `a ${tag}`;
}

const LEAVE_OUT =
  'Delete it before this node, or write it as text, a number, true/false, null, an object or an array.';
const LESS = 'Delete it before this node, or keep less in it.';
const AWAIT = 'Write "await" before the call that sets it, for example in the function node.';
const BUFFER = 'Write it as text, for example with .toString("base64"), or delete it.';
const ANSWER =
  'Answer the caller on a wire of its own, and delete msg.req and msg.res on the way to the queue.';

function unstorable(path: string, problem: string, fix = LEAVE_OUT): InputError {
  return new InputError(
    'MESSAGE_NOT_STORABLE',
    `${path} cannot be kept in a queue: it ${problem}. ${fix}`,
  );
}
