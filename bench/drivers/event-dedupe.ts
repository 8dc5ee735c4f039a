import { randomUUID } from 'node:crypto';
import { DEDUPE_DEFAULTS, type EventDedupeConfig } from '../../nodes/event-dedupe/config';
import { STORE_DEFAULTS } from '../../nodes/record-store/config';
import { EXIT, startFlow, type FlowNode } from '../support/node-red';
import type { Driver } from './driver';

/** Every job is a new event: entry → check → confirm → exit, with the file on the disk. */
export async function openEventDedupe(): Promise<Driver> {
  const flow = await startFlow('check', NODES);
  return {
    run: async () => {
      const msg = await flow.send({ event: { id: randomUUID() } });
      const event = msg.event as { readonly confirmed?: boolean; readonly saved?: boolean };
      const isDone = event.confirmed === true && event.saved !== false;
      if (!isDone) throw new Error(`an event failed: ${JSON.stringify(msg.error ?? event)}`);
      return { outcome: 'updated' };
    },
    close: () => flow.close(),
  };
}

const NODES: readonly FlowNode[] = [
  { id: 'store', type: 'record-store', ...STORE_DEFAULTS },
  dedupeNode('check', { action: 'check' }, [['confirm'], [EXIT]]),
  dedupeNode('confirm', { action: 'confirm', outputs: 1 }, [[EXIT]]),
];

function dedupeNode(
  id: string,
  config: Partial<EventDedupeConfig>,
  wires: readonly (readonly string[])[],
): FlowNode {
  return { id, type: 'event-dedupe', ...DEDUPE_DEFAULTS, store: 'store', ...config, wires };
}
