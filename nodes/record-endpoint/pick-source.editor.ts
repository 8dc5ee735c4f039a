import { meantInDialog, type Meant } from '../shared/editor/api-types';
import { field } from '../shared/editor/dialog';
import type { Pick } from '../shared/editor/pick';
import { endpointAt, trouble, type EditedEndpoint } from './pick-ask.editor';

/** The endpoint that the open dialog names. Throws Trouble. */
export function chosenEndpoint(): EditedEndpoint {
  const endpoint = endpointAt(String(field('node-input', 'endpoint').val()));
  if (endpoint === undefined) throw trouble('record-endpoint.errors.pick-no-endpoint');
  return endpoint;
}

/** Whose records a field is about. Throws Trouble. */
export function meantBy({ node }: Pick): Meant {
  if (node !== undefined) {
    const meant = meantByWires(node);
    if (meant === undefined) throw trouble('record-endpoint.errors.pick-no-neighbour');
    return meant;
  }
  chosenEndpoint();
  const meant = meantInDialog();
  if (meant === undefined) throw trouble('record-endpoint.errors.pick-no-records');
  return meant;
}

interface FlowNode {
  readonly id: string;
  readonly z?: string;
  readonly endpoint?: unknown;
  readonly collection?: unknown;
  readonly collectionType?: unknown;
}

/** The records of the nearest node along the wires; of any on the same tab where no wire leads to one. */
function meantByWires(id: string): Meant | undefined {
  const nodes = allNodes();
  const beside = neighbours();
  const seen = new Set([id]);
  for (let round = [id]; round.length > 0;) {
    const next = round.flatMap(one => beside.get(one) ?? []).filter(one => !seen.has(one));
    for (const one of next) seen.add(one);
    const found = next.map(one => meantOf(nodes.get(one))).find(meant => meant !== undefined);
    if (found !== undefined) return found;
    round = [...new Set(next)];
  }
  const tab = nodes.get(id)?.z;
  const onTab = [...nodes.values()].filter(({ z }) => z === tab);
  return onTab.map(meantOf).find(meant => meant !== undefined);
}

function meantOf(node: FlowNode | undefined): Meant | undefined {
  const { endpoint, collection, collectionType } = node ?? {};
  if (typeof endpoint !== 'string' || endpointAt(endpoint) === undefined) return undefined;
  if (collectionType !== 'str' || typeof collection !== 'string' || collection === '') {
    return undefined;
  }
  return { endpoint, collection };
}

function allNodes(): Map<string, FlowNode> {
  const nodes = new Map<string, FlowNode>();
  RED.nodes.eachNode(node => {
    nodes.set((node as FlowNode).id, node as FlowNode);
    return true;
  });
  return nodes;
}

/** The nodes that wires join, in both directions. */
function neighbours(): Map<string, string[]> {
  const beside = new Map<string, string[]>();
  const join = (one: string, other: string): void => {
    beside.set(one, [...(beside.get(one) ?? []), other]);
  };
  RED.nodes.eachLink(link => {
    const { source, target } = link as { source: FlowNode; target: FlowNode };
    join(source.id, target.id);
    join(target.id, source.id);
    return true;
  });
  return beside;
}
