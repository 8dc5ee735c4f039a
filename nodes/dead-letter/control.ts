import { InputError } from '../../lib/errors';
import { isFields, type Fields } from '../../lib/record/fields';
import { REVIEW_ACTIONS, type ReviewAction } from '../../lib/review/dead-letter';
import type { BulkWish, ReviewAct, ReviewDesk } from '../../lib/review/desk';
import type { Scope } from '../shared/scope';
import type { DoneMembers } from './outgoing';

/** What a control message asks for. */
export interface Control {
  readonly action: string;
  readonly members: Fields;
}

/** Who acts where a message does not say so. */
const FLOW = 'flow';

const ASKS = {
  list: (desk, members) => desk.list(members),
  get: (desk, members) => desk.get(idIn(members)),
  look: (desk, members) => desk.look(idIn(members)),
  counts: desk => desk.counts(),
  progress: desk => Promise.resolve(desk.progress()),
  stop: desk => Promise.resolve(desk.stop()),
  start: (desk, members) => Promise.resolve(desk.start(textIn(members, 'plan'))),
  plan: (desk, members) =>
    desk.plan({ by: FLOW, filter: {}, ...members, action: members.do } as unknown as BulkWish),
} as const satisfies Record<string, (desk: ReviewDesk, members: Fields) => Promise<unknown>>;

type Ask = keyof typeof ASKS;

const ACTIONS: readonly string[] = [...Object.keys(ASKS), ...REVIEW_ACTIONS];

/**
 * What a control message asks for; undefined: the message brings an update. Throws InputError `CONTROL_INVALID` for what
 * there is not.
 */
export function controlIn(scope: Scope, place: string): Control | undefined {
  const members = scope.get(place);
  const action = isFields(members) ? members.action : undefined;
  if (!isFields(members) || action === undefined) return undefined;
  if (typeof action === 'string' && ACTIONS.includes(action)) {
    const rest = Object.entries(members).filter(([name]) => name !== 'action');
    return { action, members: Object.fromEntries(rest) };
  }
  throw new InputError(
    'CONTROL_INVALID',
    `msg.${place}.action must be one of ${ACTIONS.join(', ')}. Correct it, or delete msg.${place} where the message brings an update.`,
  );
}

/** Does it. Whether something was refused, the answer says. */
export async function control(
  desk: ReviewDesk,
  { action, members }: Control,
): Promise<{ readonly done: DoneMembers; readonly answer: unknown; readonly isRefused: boolean }> {
  if (!isAct(action)) {
    const answer = await ASKS[action as Ask](desk, members);
    return { done: { did: action as Ask }, answer, isRefused: isRefusal(answer) };
  }
  const act = { by: FLOW, ...members, action } as unknown as ReviewAct;
  const answer = await desk.act(act);
  const done: DoneMembers = { did: action, id: act.id, by: act.by };
  return { done, answer, isRefused: answer.kind === 'refused' };
}

function isAct(action: string): action is ReviewAction {
  return REVIEW_ACTIONS.some(one => one === action);
}

function isRefusal(answer: unknown): boolean {
  return isFields(answer) && answer.kind === 'refused';
}

function idIn(members: Fields): string {
  return textIn(members, 'id');
}

function textIn(members: Fields, name: string): string {
  const text = members[name];
  if (typeof text === 'string' && text !== '') return text;
  throw new InputError(
    'CONTROL_INVALID',
    `"${name}" of the control message must be a text. Set it.`,
  );
}
