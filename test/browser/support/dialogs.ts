import { loadExamples } from '../../../scripts/lib/examples.mjs';
import type { FlowNode } from '../../../scripts/lib/examples.mjs';
import { readManifest } from '../../../scripts/lib/root.mjs';
import type { Dialog } from './dialog';
import type { Editor } from './editor';

/** All node types of the package. */
export const TYPES = Object.keys(readManifest()['node-red'].nodes);

/** Where the pencil of each config node is: beside a property of another node. */
const REACHED_BY: Readonly<Record<string, readonly [type: string, property: string]>> = {
  'record-endpoint': ['conditional-update', 'endpoint'],
  'record-store': ['event-dedupe', 'store'],
};

export function isConfig(type: string): boolean {
  return type in REACHED_BY;
}

/** Few examples that hold a node of every type among them, with inject nodes that wait for a press. */
export function everyNode(): readonly FlowNode[] {
  const chosen: (readonly FlowNode[])[] = [];
  const missing = new Set(TYPES);
  const news = (nodes: readonly FlowNode[]): number =>
    [...missing].filter(type => nodes.some(node => node.type === type)).length;
  const all = loadExamples().map(({ nodes }) => nodes);
  while (missing.size > 0) {
    const best = all.reduce((one, other) => (news(other) > news(one) ? other : one));
    if (news(best) === 0) throw new Error(`No example holds ${[...missing].join(', ')}`);
    chosen.push(best);
    for (const { type } of best) missing.delete(type);
  }
  return pressedByHand(chosen.flat());
}

/** The example with the retry loop for sales orders, with inject nodes that wait for a press. */
export function orderLoop(): readonly FlowNode[] {
  const example = loadExamples().find(({ name }) => name === LOOP);
  if (!example) throw new Error(`There is no example ${LOOP}`);
  return pressedByHand(example.nodes);
}

const LOOP = 'orders/02 - Wire the retry loop yourself';

function pressedByHand(nodes: readonly FlowNode[]): readonly FlowNode[] {
  return nodes.map(node => (node.type === 'inject' ? { ...node, once: false } : node));
}

/** Opens the dialog of the first node of a type; that of a config node by the pencil beside it. */
export async function openDialog(
  editor: Editor,
  type: string,
  nodes = everyNode(),
): Promise<Dialog> {
  const { node, property } = wayTo(type, nodes);
  if (node.z !== undefined) await editor.show(node.z);
  const dialog = await editor.open(node.id);
  return property === undefined ? dialog : dialog.edit(property);
}

/** Id of the node whose dialog is opened for a type. */
export function opened(type: string, nodes: readonly FlowNode[]): string {
  const { node, property } = wayTo(type, nodes);
  return property === undefined ? node.id : String(node[property]);
}

/** The node to open first, and its property with the pencil for a config node. */
function wayTo(
  type: string,
  nodes: readonly FlowNode[],
): { readonly node: FlowNode; readonly property: string | undefined } {
  const [shown, property] = REACHED_BY[type] ?? [type];
  const node = nodes.find(candidate => candidate.type === shown);
  if (!node) throw new Error(`There is no ${type}`);
  return { node, property };
}

/** Closes a dialog with the one below it. */
export async function closeDialogs(editor: Editor, dialog: Dialog): Promise<void> {
  await dialog.cancel();
  if ((await dialog.tray.count()) > 0) await editor.page.locator('#node-dialog-cancel').click();
  await dialog.tray.waitFor({ state: 'detached' });
}
