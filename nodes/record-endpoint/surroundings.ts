import type { Node, NodeAPI } from 'node-red';
import { InputError } from '../../lib/errors';
import type { RecordEndpointConfig } from './config';
import type { Surroundings } from './connection';

/** A core tls-config node hands out behaviour, not fields. */
interface TlsNode extends Node {
  addTLSOptions(options: Record<string, unknown>): Record<string, unknown>;
}

/** A core "http proxy" config node. */
interface ProxyNode extends Node<{ username?: string; password?: string }> {
  url: string;
  noproxy?: string[];
}

/**
 * TLS and proxy as the chosen config nodes have them; the Practice API is reached directly.
 * Throws InputError when a chosen one is gone.
 */
export function surroundings(
  RED: NodeAPI,
  config: Pick<RecordEndpointConfig, 'server' | 'tls' | 'proxy'>,
): Omit<Surroundings, 'practiceOrigin' | 'admissions' | 'onLongHold'> {
  if (config.server === 'practice') return { tls: undefined, ...proxy(RED, '') };
  return { tls: tls(RED, config.tls), ...proxy(RED, config.proxy) };
}

function tls(RED: NodeAPI, id: string): Surroundings['tls'] {
  if (id === '') return undefined;
  const node = chosen(RED, id, 'tls-config', 'TLS') as TlsNode;
  return node.addTLSOptions({});
}

function proxy(RED: NodeAPI, id: string): Pick<Surroundings, 'proxy' | 'noProxy'> {
  if (id === '') return { proxy: undefined, noProxy: undefined };
  const { url, credentials, noproxy } = chosen(RED, id, 'http proxy', 'Proxy') as ProxyNode;
  const { username, password } = credentials;
  return {
    proxy: {
      url,
      ...(username === undefined ? {} : { user: username }),
      ...(password === undefined ? {} : { password }),
    },
    noProxy: noproxy,
  };
}

function chosen(RED: NodeAPI, id: string, type: string, label: string): Node {
  const node = RED.nodes.getNode(id) as Node | null;
  if (node?.type === type) return node;
  throw new InputError(
    'CONFIG_NODE_MISSING',
    `${label} points to a configuration that is not deployed. Choose another one in the endpoint's dialog, or none.`,
  );
}
