import type { RecordQueue } from '../../lib/coordination/queue/queue';
import { InputError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import type { Scope } from '../shared/scope';
import { counterMembers } from './members';

const ACTIONS = ['stats', 'pause', 'resume', 'flush'] as const;
export type ControlAction = (typeof ACTIONS)[number];

/**
 * What a control message asks for; undefined: the message brings an update.
 * Throws InputError `CONTROL_INVALID` for what there is not.
 */
export function controlIn(scope: Scope, place: string): ControlAction | undefined {
  const members = scope.get(place);
  const action = isFields(members) ? members.action : undefined;
  if (action === undefined) return undefined;
  const known = ACTIONS.find(one => one === action);
  if (known !== undefined) return known;
  throw new InputError(
    'CONTROL_INVALID',
    `msg.${place}.action must be one of ${ACTIONS.join(', ')}. Correct it, or delete msg.${place} where the message brings an update.`,
  );
}

/** Does it, and says what the queue holds now. */
export async function control(queue: RecordQueue, action: ControlAction): Promise<object> {
  if (action !== 'stats') await queue[action]();
  return { action, ...counterMembers(await queue.stats()) };
}
