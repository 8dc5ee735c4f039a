import type { Node, NodeAPI } from 'node-red';

/** How a property asks for an environment variable: as its whole value. */
const VARIABLE = /^\$\{[^}]+\}$/;

/** Properties as Node-RED hands them to a node: `${NAME}` stands for the environment variable, where there is one. */
export function withEnvironment<Values extends object>(
  RED: NodeAPI,
  node: Node | null,
  values: Values,
): Values {
  const entries = Object.entries(values).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' && VARIABLE.test(value) ? variable(RED, node, value) : value,
  ]);
  return Object.fromEntries(entries) as Values;
}

function variable(RED: NodeAPI, node: Node | null, text: string): string {
  const value: unknown = RED.util.evaluateNodeProperty(text, 'env', node as Node, {});
  const isKnown = typeof value === 'number' || (typeof value === 'string' && value !== '');
  return isKnown ? String(value) : text;
}
