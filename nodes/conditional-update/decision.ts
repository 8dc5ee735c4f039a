import type { Node, NodeAPI } from 'node-red';
import { InputError } from '../../lib/errors';
import type { Decide, Decision } from '../../lib/update/request';

/** A conflict decided by a JSONata expression over `{key, fields, base, ours, theirs}`. Throws InputError `EXPRESSION_FAILED`. */
export function decideBy(RED: NodeAPI, node: Node, text: string): Decide {
  const expression = prepare(RED, node, text);
  return view =>
    new Promise<Decision>((resolve, reject) => {
      RED.util.evaluateJSONataExpression(expression, { ...view }, (error, result: unknown) => {
        if (error) reject(new Error(error.message));
        else resolve(plain(result) as Decision);
      });
    });
}

function prepare(
  RED: NodeAPI,
  node: Node,
  text: string,
): ReturnType<NodeAPI['util']['prepareJSONataExpression']> {
  try {
    return RED.util.prepareJSONataExpression(text, node);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(
      'EXPRESSION_FAILED',
      `Decision could not be read: ${why}. Correct it in the dialog.`,
    );
  }
}

/** JSONata decorates its results; only plain data goes on. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
