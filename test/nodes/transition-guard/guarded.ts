import { WORK_ORDERS } from '../../../lib/lifecycle/presets';
import type { MachineState } from '../../../lib/lifecycle/machine';
import type { Snapshot } from '../../../lib/record/snapshot';
import type { TransitionGuardConfig } from '../../../nodes/transition-guard/config';
import { catcher, guardNode, inboxes, type FlowNode } from '../../support/flow-nodes';
import { Flow, type Msg } from '../../support/flow-runtime';

export const STATES = WORK_ORDERS.states as MachineState[];
export const URL = 'http://127.0.0.1/api/work-orders/WO-1';
export const AT = '2025-02-08T14:00:00Z';

export function snapshot(values: Snapshot['values']): Snapshot {
  return { key: 'WO-1', url: URL, version: '"v1"', values, readAt: AT };
}

export function message(status: unknown, to: unknown, extra: Msg = {}): Msg {
  return { record: snapshot({ status }), payload: { status: to }, ...extra };
}

export function nodes(config: Partial<TransitionGuardConfig>): FlowNode[] {
  return [
    guardNode('guard', [['allowed'], ['refused']], { states: STATES, ...config }),
    ...inboxes('allowed', 'refused'),
    ...catcher(),
  ];
}

export async function guarded(
  msg: Msg,
  config: Partial<TransitionGuardConfig> = {},
): Promise<{ at: string; msg: Msg; flow: Flow }> {
  const flow = await Flow.start(nodes(config));
  return { ...(await flow.pass('guard', msg)), flow };
}

/** Of a loop that has waited once. */
export const COUNTER = {
  node: 'wait',
  key: 'WO-1',
  count: 1,
  causes: {},
  startedAt: AT,
  delayMs: 10,
} as const;
