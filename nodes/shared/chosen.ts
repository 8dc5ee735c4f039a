import type { Node } from 'node-red';
import { InputError } from '../../lib/errors';
import type { NodeAPI } from './node-api';

/** A core tls-config node hands out behaviour, not fields. */
interface TlsNode extends Node {
  addTLSOptions(options: Record<string, unknown>): Record<string, unknown>;
}

/** Which dialog chose a config node: its label there, and whose dialog it is. */
export interface Choice {
  readonly label: string;
  readonly dialog: 'endpoint' | 'store';
}

/** Options as the chosen tls-config has them. Throws InputError `CONFIG_NODE_MISSING`. */
export function tlsOptions(RED: NodeAPI, id: string, dialog: Choice['dialog']) {
  if (id === '') return undefined;
  const node = chosen(RED, id, 'tls-config', { label: 'TLS', dialog }) as TlsNode;
  return node.addTLSOptions({});
}

/** A config node of another package. Throws InputError `CONFIG_NODE_MISSING`. */
export function chosen(RED: NodeAPI, id: string, type: string, { label, dialog }: Choice): Node {
  const node = RED.nodes.getNode(id) as Node | null;
  if (node?.type === type) return node;
  throw new InputError(
    'CONFIG_NODE_MISSING',
    `${label} points to a configuration that is not deployed. Choose another one in the ${dialog}'s dialog, or none.`,
  );
}
