import type { Rates } from '../../lib/monitor/counts';
import type { Monitor } from '../../lib/monitor/monitor';
import {
  deployedEndpoints,
  endpointName,
  findEndpoint,
  type RecordEndpointNode,
} from '../record-endpoint/lookup';
import type { NodeAPI } from '../shared/node-api';
import type { ConflictMonitorConfig } from './config';

/** What a monitor looks at by itself: the updates of an endpoint, or those of one record type. */
export interface Watched {
  readonly endpoint: { readonly id: string; readonly name: string };
  /** Undefined: all record types together. */
  readonly type: string | undefined;
  readonly monitor: Monitor;
}

/** The endpoint of the dialog, or all that are deployed. */
export function watchedEndpoints(
  RED: Pick<NodeAPI, 'nodes'>,
  { endpoint }: Pick<ConflictMonitorConfig, 'endpoint'>,
): RecordEndpointNode[] {
  if (endpoint === '') return deployedEndpoints(RED);
  const found = findEndpoint(RED, endpoint);
  return found === undefined ? [] : [found];
}

export function watchedIn(
  RED: Pick<NodeAPI, 'nodes'>,
  config: Pick<ConflictMonitorConfig, 'endpoint' | 'types' | 'recordType'>,
): Watched[] {
  return watchedEndpoints(RED, config).flatMap(node => {
    const { monitor } = node;
    const endpoint = { id: node.id, name: endpointName(node) };
    return typesOf(monitor, config).map(type => ({ endpoint, type, monitor }));
  });
}

function typesOf(
  monitor: Monitor,
  { types, recordType }: Pick<ConflictMonitorConfig, 'types' | 'recordType'>,
): readonly (string | undefined)[] {
  switch (types) {
    case 'together':
      return [undefined];
    case 'each':
      return monitor.types();
    case 'one':
      return [recordType.trim()];
  }
}

/** Such as `18 %`; nothing counted: `–`. */
export function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${String(Math.round(share * 1_000) / 10)} %`;
}

/** One line for people. */
export function lineOf({
  updates,
  conflictRate,
  noise,
  permanent,
  retriesPerSuccess,
}: Rates): string {
  const retries = retriesPerSuccess === undefined ? '–' : retriesPerSuccess.toFixed(2);
  return `${String(updates)} updates, ${percent(conflictRate)} met a conflict (${String(noise)} noise, ${String(permanent)} for a person), ${retries} retries per success`;
}
