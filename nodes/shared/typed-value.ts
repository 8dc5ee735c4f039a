import type { Node, NodeAPI } from 'node-red';
import { InputError } from '../../lib/errors';
import type { Message } from './on-input';

/** A typed input as stored: the value and its type. */
export interface TypedValue {
  readonly value: string;
  readonly type: string;
  /** The field's name in the dialog, for error sentences. */
  readonly label: string;
}

/** Evaluates a typed input. Throws InputError `EXPRESSION_FAILED` naming the field. */
export async function evaluate(
  RED: NodeAPI,
  node: Node,
  { value, type, label }: TypedValue,
  msg: Message,
): Promise<unknown> {
  if (type === 'str') return value;
  if (type === 'msg') return getProperty(RED, msg, value);
  try {
    return await new Promise<unknown>((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type, node, msg, (error, result: unknown) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(
      'EXPRESSION_FAILED',
      `${label} could not be evaluated: ${why}. Correct it in the dialog.`,
    );
  }
}

/** A name without steps needs no parsing; Node-RED would parse it anew for every message. */
const PLAIN_NAME = /^[A-Za-z$][\w$]*$/;

/** A message property that may not be there; undefined also when a step of the path is missing. */
export function getProperty(RED: NodeAPI, msg: Message, path: string): unknown {
  if (PLAIN_NAME.test(path)) return msg[path];
  try {
    return RED.util.getMessageProperty(msg, path) as unknown;
  } catch {
    return undefined;
  }
}

/** Sets a message property; undefined removes it. Throws InputError `PROPERTY_INVALID`. */
export function setProperty(RED: NodeAPI, msg: Message, path: string, value: unknown): void {
  if (PLAIN_NAME.test(path) && value !== undefined) {
    msg[path] = value;
    return;
  }
  checkPlace(RED, msg, path);
  RED.util.setMessageProperty(msg, path, value, true);
}

/**
 * Whether a message property can be set: to be known before anything is sent.
 * Throws InputError `PROPERTY_INVALID`.
 */
export function checkPlace(RED: NodeAPI, msg: Message, path: string): void {
  if (PLAIN_NAME.test(path)) return;
  let place: unknown = msg;
  for (const step of stepsTo(RED, msg, path).slice(0, -1)) {
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

function stepsTo(RED: NodeAPI, msg: Message, path: string): (string | number)[] {
  try {
    return RED.util.normalisePropertyExpression(path.replace(/^msg\./, ''), msg);
  } catch {
    throw new InputError(
      'PROPERTY_INVALID',
      `"${path}" is no message property. Write it like "update" or "payload.update" in the dialog.`,
    );
  }
}
