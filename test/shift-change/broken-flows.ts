import type { FlowNode } from '../../scripts/lib/examples.mjs';
import type { FaultKind } from './judge/judge';

interface BrokenFlow {
  readonly name: string;
  /** What the judge has to find at least. */
  readonly fault: FaultKind;
  /** It only shows where work orders are open at terminals. */
  readonly allOpen?: true;
  readonly spoil: (nodes: readonly FlowNode[]) => readonly FlowNode[];
}

/** The nodes of the shift-change example, with one thing that makes them safe taken out. */
export const BROKEN_FLOWS: readonly BrokenFlow[] = [
  {
    name: 'duplicates pass',
    fault: 'triedAgain',
    spoil: nodes => bypassed(nodes, 'event-dedupe'),
  },
  {
    name: 'no transition guard',
    fault: 'whileOpen',
    allOpen: true,
    spoil: nodes => bypassed(nodes, 'transition-guard'),
  },
  { name: 'events confirmed before the update', fault: 'confirmedEarly', spoil: confirmedFirst },
];

/** All nodes of a type let every message pass by their first output. */
function bypassed(nodes: readonly FlowNode[], type: string): readonly FlowNode[] {
  return nodes.map(node => {
    if (node.type !== type) return node;
    const { id, z = '', wires } = node;
    return {
      id,
      z,
      type: 'function',
      func: 'return msg;',
      libs: [],
      outputs: 1,
      wires: [wires[0]],
    };
  });
}

/** Lets the first one of each event pass, and its copies once it is confirmed: by themselves they may all come before that. */
const HOLD_COPIES = `
const held = context.get('held') ?? {};
context.set('held', held);
if (msg.confirmed !== undefined) {
  const copies = held[msg.confirmed];
  held[msg.confirmed] = null;
  return [copies];
}
const { id } = msg.event;
if (held[id] === null) return msg;
if (held[id] === undefined) {
  held[id] = [];
  return msg;
}
held[id].push(msg);`;

/** copies wait → check → confirm → delay → lock, and the confirm left out where it was. */
function confirmedFirst(nodes: readonly FlowNode[]): readonly FlowNode[] {
  const check = dedupeNode(nodes, 'check');
  const confirm = dedupeNode(nodes, 'confirm');
  const { z = '' } = check;
  const code = { type: 'function', outputs: 1, libs: [], z };
  const copies = { ...code, id: 'copies', func: HOLD_COPIES, wires: [[check.id]] };
  const confirmed = {
    ...code,
    id: 'confirmed',
    func: 'return { confirmed: msg.event.id };',
    wires: [[copies.id]],
  };
  const delay = {
    id: 'later',
    z,
    type: 'delay',
    pauseType: 'delay',
    timeout: '8000',
    timeoutUnits: 'milliseconds',
    wires: [check.wires[0]],
  };
  const others = nodes.map(node => {
    if (node === check) return { ...node, wires: [[confirm.id], node.wires[1]] };
    if (node === confirm) return { ...node, wires: [[delay.id, confirmed.id]] };
    const wires = rewired(node, confirm.id, confirm.wires[0]);
    return { ...node, wires: rewired({ ...node, wires }, check.id, [copies.id]) };
  });
  return [...others, copies, confirmed, delay];
}

function dedupeNode(nodes: readonly FlowNode[], action: string): FlowNode {
  const found = nodes.find(node => node.type === 'event-dedupe' && node.action === action);
  if (found === undefined) throw new Error(`event-dedupe (${action}) is needed`);
  return found;
}

/** Outputs that led to one node lead to the next ones. */
function rewired({ wires = [] }: FlowNode, from: string, to: readonly string[]): string[][] {
  return (wires as string[][]).map(ends => ends.flatMap(id => (id === from ? to : [id])));
}
