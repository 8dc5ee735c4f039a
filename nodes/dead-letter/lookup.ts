import type { Node } from 'node-red';
import type { ReviewDesk } from '../../lib/review/desk';
import type { NodeAPI } from '../shared/node-api';

/** What the sidebar sees of a list of dead letters. Nodes come and go with deploys: nobody keeps one, or its desk. */
export interface DeadLetterFace {
  /** Its store's id, and its name there: nodes with the same ones share their entries. */
  readonly list: { readonly store: string; readonly name: string };
  /** Rejects as long as its store cannot be opened, and with InputError when its settings cannot work. */
  desk(): Promise<ReviewDesk>;
}

export type DeadLetterNode = Node & DeadLetterFace;

/** All lists of this Node-RED. */
export function deadLetterNodes({ nodes }: Pick<NodeAPI, 'nodes'>): DeadLetterNode[] {
  const found: DeadLetterNode[] = [];
  nodes.eachNode(({ id, type }) => {
    const node = type === 'dead-letter' ? nodes.getNode(id) : null;
    if (node !== null) found.push(node as DeadLetterNode);
  });
  return found;
}
