import type { Node } from 'node-red';
import { chosen, tlsOptions, type Choice } from '../shared/chosen';
import type { NodeAPI } from '../shared/node-api';
import type { RecordEndpointConfig } from './config';
import type { Surroundings } from './connection';

/** A core "http proxy" config node. */
interface ProxyNode extends Node<{ username?: string; password?: string }> {
  url: string;
  noproxy?: string[];
}

const PROXY: Choice = { label: 'Proxy', dialog: 'endpoint' };

/**
 * TLS and proxy as the chosen config nodes have them; the Practice API is reached directly.
 * Throws InputError when a chosen one is gone.
 */
export function surroundings(
  RED: NodeAPI,
  config: Pick<RecordEndpointConfig, 'server' | 'tls' | 'proxy'>,
): Omit<Surroundings, 'practiceOrigin' | 'onLongHold'> {
  if (config.server === 'practice') return { tls: undefined, ...proxy(RED, '') };
  return { tls: tlsOptions(RED, config.tls, 'endpoint'), ...proxy(RED, config.proxy) };
}

function proxy(RED: NodeAPI, id: string): Pick<Surroundings, 'proxy' | 'noProxy'> {
  if (id === '') return { proxy: undefined, noProxy: undefined };
  const { url, credentials, noproxy } = chosen(RED, id, 'http proxy', PROXY) as ProxyNode;
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
