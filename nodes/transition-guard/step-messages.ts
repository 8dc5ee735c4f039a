import type { NodeAPI, NodeMessageParts } from 'node-red';
import type { TransitionStep } from '../../lib/lifecycle/steps';
import type { Message } from '../shared/on-input';
import { clearCounter } from '../shared/retry-counter';
import { setProperty } from '../shared/typed-value';
import type { TransitionGuardConfig } from './config';
import type { Wanted } from './wanted';

/** What a join node needs in order to put a sequence together; a sequence around it stays inside. */
interface ArrayParts extends NodeMessageParts {
  readonly type: 'array';
  readonly len: 1;
  readonly parts?: NodeMessageParts;
}

/**
 * One message per step, in their order. They are a sequence as the core split node makes them, so that a join node
 * can put their results together.
 */
export function stepMessages(
  RED: NodeAPI,
  config: TransitionGuardConfig,
  msg: Message,
  { key, url }: Wanted,
  steps: readonly TransitionStep[],
): Message[] {
  const id = RED.util.generateId();
  // Each step is an update of its own: what a loop around all of them left behind is none of theirs.
  setProperty(RED, msg, config.result, undefined);
  clearCounter(msg);
  return steps.map(({ guard, changes }, index) => {
    setProperty(RED, msg, config.changes, changes);
    setProperty(RED, msg, config.guard, guard);
    const step = RED.util.cloneMessage(msg);
    const parts: ArrayParts = { id, type: 'array', index, count: steps.length, len: 1 };
    step.parts = withOuter(parts, msg);
    // Without a version and values the record is read in its turn: after the step before.
    if (index > 0) setProperty(RED, step, config.record, { key, url });
    return step;
  });
}

function withOuter(parts: ArrayParts, { parts: outer }: Message): ArrayParts {
  return outer === undefined ? parts : { ...parts, parts: outer };
}
