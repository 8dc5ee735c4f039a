import type { Example, FlowNode } from '../../scripts/lib/examples.mjs';
import { REMEMBERED } from './judge/order-case';

/** Where the flow takes events, and what it answers. */
export const EVENTS_PATH = '/api/events';

export interface Answer {
  readonly id: string;
  /** An outcome, `duplicate`, or `error`. */
  readonly end: string;
}

/** After another end the event is forgotten: the source has to send it again. */
const ACKNOWLEDGED = [...REMEMBERED, 'duplicate'];

const TAKE = `
msg.event = msg.payload;
msg.key = msg.event.workOrder;
msg.payload = { status: msg.event.status };
return msg;`;

const ANSWER = `
const { id, pending, duplicateBy } = msg.event;
const end = duplicateBy === undefined ? (msg.update?.outcome ?? 'error') : 'duplicate';
const isAcknowledged = ${JSON.stringify(ACKNOWLEDGED)}.includes(end) && pending !== true;
msg.statusCode = isAcknowledged ? 200 : 503;
msg.payload = { id, end };
return msg;`;

/**
 * The nodes of the shift-change example, fed by somebody who posts events and waits for the answer
 * instead of by the events of a shift. The answer leaves where the example tallies.
 */
export function fedByHttp({ nodes, tab }: Example): FlowNode[] {
  const arrival = only(nodes, 'time of arrival');
  const tally = only(nodes, 'tally');
  const place = { z: tab, x: 100, y: 100 };
  const code = { type: 'function', outputs: 1, libs: [], ...place };
  const answer = { ...code, id: tally.id, name: 'answer', func: ANSWER, wires: [['answered']] };
  return [
    ...nodes.filter(({ id, type }) => type !== 'inject' && id !== tally.id),
    answer,
    { id: 'posted', type: 'http in', url: '/events', method: 'post', wires: [['take']], ...place },
    { id: 'take', name: 'take', func: TAKE, ...code, wires: [[arrival.id]] },
    { id: 'answered', type: 'http response', wires: [], ...place },
  ];
}

function only(nodes: readonly FlowNode[], name: string): FlowNode {
  const [found, ...others] = nodes.filter(node => node.name === name);
  if (found === undefined || others.length > 0) throw new Error(`one node ${name} is needed`);
  return found;
}
