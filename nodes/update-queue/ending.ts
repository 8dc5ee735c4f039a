import type { TicketEnding } from '../../lib/coordination/queue/queue';
import { giveUp } from '../../lib/outcome/ending';
import {
  DONE_OUTCOMES,
  type Outcome,
  type UpdateResult,
  type WriteFate,
} from '../../lib/outcome/outcome';
import type { ResponseClass } from '../../lib/outcome/response-class';
import { isFields } from '../../lib/record/fields';

/** What a message says of the update that it was about. */
export interface Said {
  readonly result: Partial<UpdateResult> | undefined;
  /** What a Catch node has put there. */
  readonly caught: Caught | undefined;
}

export interface Caught {
  readonly code: string | undefined;
  /** Type of the node that the error came from. */
  readonly type: string | undefined;
}

export type Decision =
  | { readonly kind: 'settle'; readonly ending: TicketEnding }
  /** The write is in doubt, and only the store knows of it: the update comes back with that when its lease is over. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'unknown' };

/** Outcomes that another try may change. */
const AGAIN: readonly Outcome[] = ['retry', 'busy', 'exhausted', 'unavailable'];

/** Errors that say nothing of the update itself. */
const PASSING = ['STOPPED', 'STORE_UNAVAILABLE'];

/** How the update ends that a message is about. */
export function endingOf({ result, caught }: Said): Decision {
  const isOpen = result?.outcome === undefined || result.outcome === 'retry';
  // Its error is newer than whatever result there is.
  const isCaught = caught !== undefined && (isOpen || caught.type === 'conditional-update');
  if (isCaught) return endOfError(caught, result);
  if (result?.outcome === undefined) return { kind: 'unknown' };
  return { kind: 'settle', ending: endOfResult(result, result.outcome) };
}

function endOfError({ code = '' }: Caught, result: Said['result']): Decision {
  if (code === 'UPDATE_UNCERTAIN') return { kind: 'leave' };
  const ending = PASSING.includes(code) ? again(result) : ended('given-up', result);
  return { kind: 'settle', ending };
}

function endOfResult(result: Said['result'], outcome: Outcome): TicketEnding {
  if (DONE_OUTCOMES.includes(outcome)) return ended('done', result);
  return AGAIN.includes(outcome) ? again(result) : ended('given-up', result);
}

/** The ending that a person has chosen, whatever the message says. */
export function chosenEnding(
  chosen: TicketEnding['kind'],
  result: Partial<UpdateResult> | undefined,
): TicketEnding {
  return chosen === 'again' ? again(result) : ended(chosen, result);
}

/** What is left of an update that is tried no more. */
export function lastResult(result: Partial<UpdateResult>): Partial<UpdateResult> {
  return giveUp(result as UpdateResult);
}

function ended(
  kind: 'done' | 'given-up',
  result: Partial<UpdateResult> | undefined,
): Extract<TicketEnding, { readonly kind: 'done' | 'given-up' }> {
  return { kind, metConflict: metConflict(result) };
}

function again(
  result: Partial<UpdateResult> | undefined,
): Extract<TicketEnding, { readonly kind: 'again' }> {
  const dueAt = Date.parse(String(result?.notBefore));
  return {
    kind: 'again',
    metConflict: metConflict(result),
    dueAt: Number.isNaN(dueAt) ? undefined : dueAt,
    fate: fateOf(result),
  };
}

function fateOf(result: Partial<UpdateResult> | undefined): WriteFate | undefined {
  if (result?.outcome !== 'retry') return undefined;
  const { base, pending, node } = result;
  if (base === undefined || pending === undefined) return undefined;
  return { base, pending, ...(node === undefined ? {} : { node }) };
}

const CONFLICTS: readonly ResponseClass[] = ['version-conflict', 'undetermined', 'state-conflict'];

/** Whether somebody else had written in between, also where that was only noise. */
function metConflict(result: Partial<UpdateResult> | undefined): boolean {
  const attempts: unknown = result?.attempts;
  const isConflict = (attempt: unknown): boolean =>
    isFields(attempt) && CONFLICTS.some(one => one === attempt.class);
  return result?.outcome === 'conflict' || (Array.isArray(attempts) && attempts.some(isConflict));
}
