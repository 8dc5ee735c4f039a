import type { Node, NodeMessageInFlow } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import { digitsOf, exactNumber, isJsonNumber } from '../../lib/record/exact';
import { isFields, isThenable } from '../../lib/record/fields';
import { hasLongNumber, parseExact } from '../../lib/record/json';
import type { NodeAPI } from './node-api';
import type { StatusLine } from './status';
import type { Unwired } from './unwired';

/** A message on its way through a node: any property may be there. */
export type Message = NodeMessageInFlow & Record<string, unknown>;

/** A typed input as stored: the value and its type. */
export interface TypedValue {
  readonly value: string;
  readonly type: string;
  /** The field's name in the dialog, for error sentences. */
  readonly label: string;
  /** Of the error where the value is a promise; default: EXPRESSION_FAILED. */
  readonly code?: string;
}

/** What all messages of one node share. */
export interface NodeParts {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly status: StatusLine;
  readonly unwired: Unwired;
  /** The flow is being stopped: waits and reads end. */
  readonly stop: AbortSignal;
  /** A grace period later: a write already sent ends too. */
  readonly kill: AbortSignal;
}

/** What has to be waited for only where it is a promise. Most values are there already, and a message has several of them. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value: at once, unless it has to be waited for. */
export function onceThere<T, R>(
  value: Awaitable<T>,
  goOn: (value: T) => Awaitable<R>,
): Awaitable<R> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

/** One per output; null: nothing leaves there. */
export type Outputs = (Message | null)[];

/** An expression that is read once and evaluated for many inputs. */
export type Expression = (input: Record<string, unknown>) => Promise<unknown>;

/** A name without steps needs no parsing; Node-RED would parse it anew for every message. */
const PLAIN_NAME = /^[A-Za-z$][\w$]*$/;

/** A message in a node, and all that the node may do with it. One object of three fields per message. */
export class Scope {
  constructor(
    private readonly parts: NodeParts,
    readonly msg: Message,
    private readonly pass: (outputs: Outputs) => void,
  ) {}

  get node(): Node {
    return this.parts.node;
  }

  get status(): StatusLine {
    return this.parts.status;
  }

  get stop(): AbortSignal {
    return this.parts.stop;
  }

  get kill(): AbortSignal {
    return this.parts.kill;
  }

  /** The nodes of the runtime, by their id. */
  get nodes(): Pick<NodeAPI['nodes'], 'getNode'> {
    return this.parts.RED.nodes;
  }

  /** Texts in the language of the runtime. */
  get translate(): NodeAPI['_'] {
    return this.parts.RED._;
  }

  /**
   * Throws StopError when the flow is being stopped: nobody would receive it.
   * @param outcome what must not go unheard; undefined: it ended as wanted
   */
  send(outputs: Outputs, outcome?: string): void {
    if (this.stop.aborted) throw notPassedOn();
    if (outcome !== undefined) this.parts.unwired.check(outputs, outcome);
    try {
      this.pass(outputs);
    } catch (error) {
      // Node-RED copies a message for every wire but one.
      throw new InputError(
        'MESSAGE_NOT_PASSED',
        `The message could not be passed on: ${reason(error)}. Look for what cannot be copied in it, such as objects nested very deeply, and delete it before this node.`,
      );
    }
  }

  /** A message property that may not be there; undefined also when a step of the path is missing. */
  get(path: string): unknown {
    if (PLAIN_NAME.test(path)) return this.msg[path];
    try {
      return this.parts.RED.util.getMessageProperty(this.msg, path) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Sets a message property; undefined removes it. Throws InputError `PROPERTY_INVALID`. */
  set(path: string, value: unknown): void {
    this.checkPlace(path);
    if (value !== undefined && PLAIN_NAME.test(path)) this.msg[path] = value;
    else this.parts.RED.util.setMessageProperty(this.msg, path, value, true);
  }

  /**
   * Whether a message property can be set: to be known before anything is sent.
   * Throws InputError `PROPERTY_INVALID`.
   */
  checkPlace(path: string): void {
    if (PLAIN_NAME.test(path)) {
      if (!takes(this.msg, path)) throw frozen(path);
      return;
    }
    let place: object = this.msg;
    const steps = this.stepsTo(path);
    const last = steps.pop() ?? '';
    for (const step of steps) {
      const inside = (place as Record<string, unknown>)[step];
      // From here on, objects are made anew.
      if (inside === undefined) {
        if (!takes(place, step)) throw frozen(path);
        return;
      }
      if (typeof inside !== 'object' || inside === null) throw noObject(path);
      place = inside;
    }
    if (!takes(place, last)) throw frozen(path);
  }

  /**
   * What a typed input stands for: a property of the message, flow or global context, JSONata, an environment
   * variable, or the value itself. Throws InputError `EXPRESSION_FAILED` or `NUMBER_TOO_LONG` naming the field, or `code`
   * for a promise: nobody knows when it would be kept, and to return it from here would be to wait for it.
   * @returns what is to be awaited: the value, or a promise of it where it has to be waited for
   */
  evaluate(input: TypedValue): unknown {
    // Only what was typed keeps its digits.
    return input.type === 'num' || input.type === 'json'
      ? this.evaluateTyped(input)
      : this.evaluateExact(input);
  }

  private async evaluateTyped(input: TypedValue): Promise<unknown> {
    const value = await this.evaluateExact(input);
    const digits = digitsIn(value);
    if (digits === undefined) return value;
    throw new InputError(
      'NUMBER_TOO_LONG',
      `${input.label} holds the number ${digits}, which JavaScript would round. Give it as text in the dialog.`,
    );
  }

  /**
   * The same for a value that is written to a record: of a number that was typed, and that JavaScript cannot hold, every
   * digit is kept (`lib/record/exact.ts`).
   */
  evaluateExact(input: TypedValue): unknown {
    const { value, type, label } = input;
    // Most are in the dialog or in the message: no promise for them, of which each message has several.
    if (type === 'str') return value;
    if (type === 'msg') return unpromised(this.get(value), input, value);
    if (type === 'num' && isJsonNumber(value.trim())) return exactNumber(value.trim());
    if (type === 'json' && hasLongNumber(value)) return parseTyped(value, label);
    if (type === 'jsonata') this.checkNoPromises(input);
    return this.evaluated(input).then(({ result }) => unpromised(result, input));
  }

  /** JSONata waits for every promise that it comes across. */
  private checkNoPromises(input: TypedValue): void {
    for (const name in this.msg) {
      if (isThenable(this.msg[name]) && input.value.includes(name)) throw promise(input, name);
    }
  }

  /** Reads a JSONata expression of the dialog. Throws InputError `EXPRESSION_FAILED` naming the field. */
  expression(text: string, label: string): Expression {
    // Not `this`: the expression outlives the message.
    const { util } = this.parts.RED;
    const prepared = this.prepared(text, label);
    return input =>
      new Promise((resolve, reject) => {
        util.evaluateJSONataExpression(prepared, input, (error, result: unknown) => {
          if (error) reject(new Error(error.message));
          else resolve(result);
        });
      });
  }

  /** Another message in the same node. */
  of(msg: Message): Scope {
    return new Scope(this.parts, msg, this.pass);
  }

  /** A copy of the message as it is now, in the same node. */
  copy(): Scope {
    const { msg } = this;
    // Node-RED looks for what is shared deep down, which is dear where a list has thousands of messages.
    return new Scope(this.parts, isFlat(msg) ? { ...msg } : this.clone(msg), this.pass);
  }

  /** A copy that lacks these message properties, so that a long list is not copied; the message itself stays whole. */
  copyWithout(...paths: readonly string[]): Scope {
    return new Scope(this.parts, this.clone(this.without(...paths)), this.pass);
  }

  /** The message without these properties. The others are not copied; the message itself stays whole. */
  without(...paths: readonly string[]): Message {
    const rest = paths.reduce<object>((msg, path) => without(msg, this.stepsTo(path)), this.msg);
    return rest as Message;
  }

  /** A value that another message may change. */
  clone<T extends object>(value: T): T {
    return this.parts.RED.util.cloneMessage(value as Message) as unknown as T;
  }

  /** An id as Node-RED makes them. */
  newId(): string {
    return this.parts.RED.util.generateId();
  }

  /** In an object, so that a promise stays what it is. */
  private async evaluated({ value, type, label }: TypedValue): Promise<{ result: unknown }> {
    const { RED, node } = this.parts;
    try {
      return await new Promise((resolve, reject) => {
        RED.util.evaluateNodeProperty(value, type, node, this.msg, (error, result: unknown) => {
          if (error) reject(error);
          else resolve({ result });
        });
      });
    } catch (error) {
      throw new InputError(
        'EXPRESSION_FAILED',
        `${label} could not be evaluated: ${reason(error)}. Correct it in the dialog.`,
      );
    }
  }

  private prepared(
    text: string,
    label: string,
  ): ReturnType<NodeAPI['util']['prepareJSONataExpression']> {
    try {
      return this.parts.RED.util.prepareJSONataExpression(text, this.node);
    } catch (error) {
      throw new InputError(
        'EXPRESSION_FAILED',
        `${label} could not be read: ${reason(error)}. Correct it in the dialog.`,
      );
    }
  }

  private stepsTo(path: string): (string | number)[] {
    try {
      return this.parts.RED.util.normalisePropertyExpression(path.replace(/^msg\./, ''), this.msg);
    } catch {
      throw new InputError(
        'PROPERTY_INVALID',
        `"${path}" is no message property. Write it like "update" or "payload.update" in the dialog.`,
      );
    }
  }
}

function parseTyped(text: string, label: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    throw notEvaluated(label, error);
  }
}

function notEvaluated(label: string, error: unknown): InputError {
  return new InputError(
    'EXPRESSION_FAILED',
    `${label} could not be evaluated: ${reason(error)}. Correct it in the dialog.`,
  );
}

/** The first number in a value that is kept digit by digit. */
function digitsIn(value: unknown): string | undefined {
  const digits = digitsOf(value);
  if (digits !== undefined || typeof value !== 'object' || value === null) return digits;
  return Object.values(value)
    .map(digitsIn)
    .find(found => found !== undefined);
}

const SHARED: readonly string[] = ['object', 'function'];

/** Whether nothing in it could be shared with a copy. */
function isFlat(msg: Message): boolean {
  return Object.values(msg).every(value => value === null || !SHARED.includes(typeof value));
}

/** The same without what lies at the end of these steps. */
function without(place: object, [step = '', ...steps]: readonly (string | number)[]): object {
  if (!Object.hasOwn(place, step)) return place;
  const copy = (Array.isArray(place) ? [...(place as unknown[])] : { ...place }) as Record<
    string,
    unknown
  >;
  const inside = copy[step];
  if (steps.length === 0) Reflect.deleteProperty(copy, step);
  else if (typeof inside === 'object' && inside !== null) copy[step] = without(inside, steps);
  return copy;
}

/** Whether an object lets a member be set, and taken away again. */
function takes(place: object, name: string | number): boolean {
  const member = Object.getOwnPropertyDescriptor(place, name);
  if (member === undefined) return Object.isExtensible(place);
  return member.writable === true && member.configurable === true;
}

function frozen(path: string): InputError {
  return new InputError(
    'PROPERTY_INVALID',
    `msg.${path} cannot be set, because the message or a part of it is frozen or read-only. Send a copy of it, such as {...msg}, or choose another message property.`,
  );
}

function noObject(path: string): InputError {
  return new InputError(
    'PROPERTY_INVALID',
    `msg.${path} cannot be set, because a part of that path is not an object. Choose another message property.`,
  );
}

/** The same, unless it is a promise. @param name of the message property that holds it, where that is known */
function unpromised(found: unknown, input: TypedValue, name?: string): unknown {
  if (isThenable(found)) throw promise(input, name);
  return found;
}

/** @param name of the message property that holds it, where that is known */
function promise({ label, code = 'EXPRESSION_FAILED' }: TypedValue, name?: string): InputError {
  return awaitForgotten(code, name === undefined ? label : `${label} (msg.${name})`);
}

/** A promise has come where a value is needed. */
export function awaitForgotten(code: string, where: string): InputError {
  return new InputError(
    code,
    `${where} is a promise, not a value: an "await" was forgotten where it was set. Write "await" before the call there, for example in the function node.`,
  );
}

/** JSONata throws plain objects. */
function reason(error: unknown): string {
  if (error instanceof Error) return error.message;
  return isFields(error) && typeof error.message === 'string' ? error.message : String(error);
}

function notPassedOn(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the message could be passed on.');
}
