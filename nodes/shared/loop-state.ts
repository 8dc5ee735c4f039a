import type { NodeAPI } from 'node-red';
import { isUnsettled, type UpdateResult } from '../../lib/outcome/outcome';
import { isFields } from '../../lib/record/fields';
import { StopError } from '../../lib/errors';
import type { Message } from './on-input';
import { clearCounter } from './retry-counter';
import { getProperty, setProperty } from './typed-value';

/**
 * Ends a wired loop outside conditional-update: the result replaces what the passes before left behind.
 * A write of an earlier pass may be in place, and an end without a look at the record leaves that open.
 */
export function endLoop(RED: NodeAPI, msg: Message, path: string, result: UpdateResult): void {
  const inDoubt = isInDoubt(RED, msg, path) && result.outcome !== 'not-found';
  setProperty(RED, msg, path, inDoubt ? { ...result, outcome: 'uncertain' } : result);
  clearLoop(msg);
}

/** What a loop that has ended must not leave to the next update of the message. */
export function clearLoop(msg: Message): void {
  clearCounter(msg);
  // In its default place only; whoever chose another one removes it there, or sends the message through transition-guard.
  if (isFields(msg.guard) && isFields(msg.guard.machine)) delete msg.guard;
}

/** The flow stops while a message is on its way through a wired loop, or into one. */
export function stoppedInLoop(
  RED: NodeAPI,
  msg: Message,
  path: string,
  message: string,
): StopError {
  if (!isInDoubt(RED, msg, path)) return new StopError('STOPPED', message);
  return new StopError(
    'UPDATE_UNCERTAIN',
    `${message} The fate of an earlier write is unknown: look at the record before sending the update again.`,
  );
}

function isInDoubt(RED: NodeAPI, msg: Message, path: string): boolean {
  const before = getProperty(RED, msg, path) as Partial<UpdateResult> | null | undefined;
  return before?.outcome === 'retry' && isUnsettled(before.pending);
}
