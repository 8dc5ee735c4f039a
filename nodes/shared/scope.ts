import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import type { StatusLine } from './status';

/** A message on its way through a node: any property may be there. */
export type Message = NodeMessageInFlow & Record<string, unknown>;

/** A typed input as stored: the value and its type. */
export interface TypedValue {
  readonly value: string;
  readonly type: string;
  /** The field's name in the dialog, for error sentences. */
  readonly label: string;
}

/** What all messages of one node share. */
export interface NodeParts {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly status: StatusLine;
  /** The flow is being stopped: waits and reads end. */
  readonly stop: AbortSignal;
  /** A grace period later: a write already sent ends too. */
  readonly kill: AbortSignal;
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

  /** Throws StopError when the flow is being stopped: nobody would receive it. */
  send(outputs: Outputs): void {
    if (this.stop.aborted) throw notPassedOn();
    this.pass(outputs);
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
    if (PLAIN_NAME.test(path) && value !== undefined) {
      this.msg[path] = value;
      return;
    }
    this.checkPlace(path);
    this.parts.RED.util.setMessageProperty(this.msg, path, value, true);
  }

  /**
   * Whether a message property can be set: to be known before anything is sent.
   * Throws InputError `PROPERTY_INVALID`.
   */
  checkPlace(path: string): void {
    if (PLAIN_NAME.test(path)) return;
    let place: unknown = this.msg;
    for (const step of this.stepsTo(path).slice(0, -1)) {
      place = (place as Record<string, unknown>)[step];
      if (place === undefined) return;
      if (typeof place !== 'object' || place === null) {
        throw new InputError(
          'PROPERTY_INVALID',
          `msg.${path} cannot be set, because a part of that path is not an object. Choose another message property.`,
        );
      }
    }
  }

  /**
   * What a typed input stands for: a property of the message, flow or global context, JSONata, an environment
   * variable, or the value itself. Throws InputError `EXPRESSION_FAILED` naming the field.
   */
  async evaluate({ value, type, label }: TypedValue): Promise<unknown> {
    if (type === 'str') return value;
    if (type === 'msg') return this.get(value);
    try {
      return await this.evaluated(value, type);
    } catch (error) {
      throw new InputError(
        'EXPRESSION_FAILED',
        `${label} could not be evaluated: ${reason(error)}. Correct it in the dialog.`,
      );
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

  /** A copy of the message as it is now, in the same node. */
  copy(): Scope {
    return new Scope(this.parts, this.parts.RED.util.cloneMessage(this.msg), this.pass);
  }

  /** An id as Node-RED makes them. */
  newId(): string {
    return this.parts.RED.util.generateId();
  }

  private evaluated(value: string, type: string): Promise<unknown> {
    const { RED, node } = this.parts;
    return new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type, node, this.msg, (error, result: unknown) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
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

/** JSONata throws plain objects. */
function reason(error: unknown): string {
  if (error instanceof Error) return error.message;
  return isFields(error) && typeof error.message === 'string' ? error.message : String(error);
}

function notPassedOn(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the message could be passed on.');
}
