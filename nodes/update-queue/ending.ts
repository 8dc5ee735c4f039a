import type { TicketEnding } from '../../lib/coordination/queue/queue';
import { giveUp } from '../../lib/outcome/ending';
import {
  DONE_OUTCOMES,
  type Outcome,
  type UpdateResult,
  type WriteFate,
} from '../../lib/outcome/outcome';
import { metConflict } from '../../lib/outcome/met-conflict';
import { fateIn } from '../shared/loop-state';

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

/** Why it was not looked into whether an earlier write had arrived: it can still be. */
const UNJUDGED = ['FATE_NOT_STORED', 'TICKET_LOST'];

/** Errors that say nothing of the update itself: the flow was stopped, or too much waits at the endpoint. */
const PASSING = ['STOPPED', 'QUEUE_FULL'];

/** How the update ends that a message is about. */
export function endingOf({ result, caught }: Said): Decision {
  const isOpen = result?.outcome === undefined || result.outcome === 'retry';
  // Its error is newer than whatever result there is.
  const isCaught = caught !== undefined && (isOpen || caught.type === 'conditional-update');
  if (isCaught) return endOfError(caught, result);
  if (result?.outcome === undefined) return { kind: 'unknown' };
  if (isUnjudged(result)) return { kind: 'leave' };
  return { kind: 'settle', ending: endOfResult(result, result.outcome) };
}

function isUnjudged({ outcome, error }: Partial<UpdateResult>): boolean {
  return outcome === 'uncertain' && error !== undefined && UNJUDGED.includes(error.code);
}

function endOfError({ code = '' }: Caught, result: Said['result']): Decision {
  if (code === 'UPDATE_UNCERTAIN') return { kind: 'leave' };
  // It could not be begun: a store that is away, full or used elsewhere serves others again.
  const isPassing = code.startsWith('STORE_') || PASSING.includes(code);
  const ending = isPassing ? again(result) : ended('given-up', result);
  return { kind: 'settle', ending };
}

function endOfResult(result: Said['result'], outcome: Outcome): TicketEnding {
  if (isUnseen(result)) return { ...again(result), fate: 'as-stored' };
  if (DONE_OUTCOMES.includes(outcome)) return ended('done', result);
  return AGAIN.includes(outcome) ? again(result) : ended('given-up', result);
}

/** A write of an earlier delivery is in doubt, and nobody has looked at the record: another delivery may. */
function isUnseen(result: Said['result']): boolean {
  const { outcome, reads, attempts } = result ?? {};
  return outcome === 'uncertain' && reads === 0 && attempts?.length === 0;
}

/** The ending that a person has chosen, whatever the message says. */
export function chosenEnding(
  chosen: 'done' | 'again' | 'given-up',
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

/** What is told of a write and cannot be read may hide one in doubt: then what was stored before it left counts. */
function fateOf(result: Partial<UpdateResult> | undefined): WriteFate | 'as-stored' | undefined {
  if (result?.outcome !== 'retry') return undefined;
  const fate = fateIn(result);
  if (fate === undefined) return result.pending === undefined ? undefined : 'as-stored';
  const { node } = result;
  return node === undefined ? fate : { ...fate, node };
}
