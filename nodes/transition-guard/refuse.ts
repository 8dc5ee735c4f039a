import type { NodeAPI } from 'node-red';
import type { Refused, TransitionGuard } from '../../lib/lifecycle/guard';
import { refusedEnding } from '../../lib/outcome/ending';
import { isUnsettled, type UpdateResult } from '../../lib/outcome/outcome';
import { endLoop } from '../shared/loop-state';
import type { Message } from '../shared/on-input';
import { setProperty } from '../shared/typed-value';
import type { TransitionGuardConfig } from './config';
import type { Wanted } from './wanted';

interface RefusedPass {
  readonly guard: TransitionGuard;
  readonly wanted: Wanted;
  readonly refused: Refused;
  /** What the pass before of a wired loop left; undefined: there is none. */
  readonly before: Partial<UpdateResult> | undefined;
}

/** Puts the refusal into the message; true: a wired loop holds the message and tries again. */
export function refuse(
  RED: NodeAPI,
  config: TransitionGuardConfig,
  msg: Message,
  { guard, wanted, refused, before }: RefusedPass,
): boolean {
  const result: UpdateResult = {
    ...refusedEnding(guard, refused),
    key: wanted.key,
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: 0,
    verified: !isUnsettled(before?.pending),
  };
  if (result.outcome !== 'busy' || config.whenOpen !== 'retry') {
    setProperty(RED, msg, config.guard, undefined);
    endLoop(RED, msg, config.result, result);
    return false;
  }
  setProperty(RED, msg, config.guard, guard);
  setProperty(RED, msg, config.result, {
    ...result,
    ...keptOf(before),
    outcome: 'retry',
    cause: 'busy',
  });
  return true;
}

function keptOf(before: Partial<UpdateResult> | undefined): Partial<UpdateResult> {
  return {
    ...(before?.base === undefined ? {} : { base: before.base }),
    ...(before?.pending === undefined ? {} : { pending: before.pending }),
  };
}
