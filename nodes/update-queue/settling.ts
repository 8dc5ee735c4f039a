import { randomUUID } from 'node:crypto';
import type { TicketEnding, SettleResult } from '../../lib/coordination/queue/queue';
import { InputError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import { systemTime } from '../../lib/retry/time';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { Scope } from '../shared/scope';
import { heldTicket, ticketAt, type HeldTicket } from '../shared/ticket';
import type { UpdateQueueConfig } from './config';
import { chosenEnding, endingOf, lastResult, type Caught, type Decision } from './ending';

/** Between two tries to reach a store. Milliseconds. */
const RETRY_MS = 1_000;

/** Where a message leaves by what became of its update. */
const OUTPUTS = ['done', 'again', 'given-up'] as const;
type Left = (typeof OUTPUTS)[number];

/** Says what became of an update, and passes its message on by what that means. */
export async function settle(scope: Scope, config: UpdateQueueConfig): Promise<void> {
  scope.checkPlace(config.ticket);
  scope.checkPlace(config.result);
  const carried = ticketAt(scope, config.ticket);
  if (carried === undefined) {
    passUnqueued(scope, config);
    return;
  }
  const held = await heldTicket(scope, carried);
  const decision = decide(scope, config);
  if (decision.kind === 'unknown') throw noResult(config);
  // What is stored of its write must stay: it is judged by that when the lease is over.
  if (decision.kind === 'leave') leave(scope, config, 'again');
  else await end(scope, config, held, decision.ending);
}

function decide(scope: Scope, { settleAs, result }: UpdateQueueConfig): Decision {
  const given = scope.get(result);
  const said = isFields(given) ? (given as Partial<UpdateResult>) : undefined;
  return settleAs === 'result'
    ? endingOf({ result: said, caught: caughtIn(scope) })
    : { kind: 'settle', ending: chosenEnding(settleAs, said) };
}

/** What a Catch node has put into the message. */
function caughtIn({ msg: { error } }: Scope): Caught | undefined {
  if (!isFields(error) || !isFields(error.source)) return undefined;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;
  return { code: text(error.code), type: text(error.source.type) };
}

async function end(
  scope: Scope,
  config: UpdateQueueConfig,
  held: HeldTicket,
  ending: TicketEnding,
): Promise<void> {
  const settled = await untilSettled(scope, held, ending);
  switch (settled?.state) {
    case 'done':
      leave(scope, config, 'done');
      return;
    case 'given-up':
      leave(scope, config, 'given-up');
      return;
    case 'queued':
    case undefined:
      leave(scope, config, 'again');
      return;
    case 'superseded':
      // It leaves by the second output of the node that it was queued at.
      scope.status.done('superseded');
      return;
    case 'late':
      tellLate(scope, held);
  }
}

/**
 * A store that is away is waited for as long as the ticket lasts. Undefined: it was away for so long, and the update
 * comes back. To throw would be to come back by the Catch node at once.
 */
async function untilSettled(
  { stop }: Scope,
  { queue, ticket }: HeldTicket,
  ending: TicketEnding,
): Promise<SettleResult | undefined> {
  const id = randomUUID();
  for (;;) {
    try {
      return await queue.settle(ticket, ending, id);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (Date.now() >= ticket.expiresAt || stop.aborted) return undefined;
      await systemTime.sleep(RETRY_MS, stop).catch(() => undefined);
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'STORE_UNAVAILABLE';
}

function leave(scope: Scope, config: UpdateQueueConfig, left: Left): void {
  const { status } = scope;
  if (left === 'done') status.done('done');
  else if (left === 'again') status.waiting('again');
  else status.notDone('given-up');
  scope.set(config.ticket, withoutTicket(scope.get(config.ticket), left));
  if (left === 'given-up') endResult(scope, config);
  const outputs = OUTPUTS.map(one => (one === left ? scope.msg : null));
  // It was queued, or its result was looked at: only what ends otherwise than as wanted must not go unheard.
  if (left === 'given-up') scope.send(outputs, 'given up');
  else scope.send(outputs);
}

/** A wired loop that is given up has an outcome of its own. */
function endResult(scope: Scope, { result: place }: UpdateQueueConfig): void {
  const result = scope.get(place);
  if (isFields(result)) scope.set(place, lastResult(result));
}

function withoutTicket(members: unknown, state: Left): object {
  if (!isFields(members)) return { state };
  const rest = Object.entries(members).filter(([name]) => name !== 'ticket');
  return { ...Object.fromEntries(rest), state };
}

function tellLate({ node, status, translate }: Scope, { ticket: { record } }: HeldTicket): void {
  status.waiting('late');
  node.warn(translate('update-queue.warn.late', { record }));
}

/** What a Catch node brings may have failed before it was queued: an error here would only come back. */
function passUnqueued(scope: Scope, config: UpdateQueueConfig): void {
  if (caughtIn(scope) === undefined) throw noTicket(config);
  leave(scope, config, 'given-up');
}

function noTicket({ ticket }: UpdateQueueConfig): InputError {
  return new InputError(
    'TICKET_MISSING',
    `msg.${ticket} carries no ticket to settle. Wire only what left an update-queue of action "queue" by its first output to this node, once, keep msg.${ticket} in the message, and choose the same place under Ticket in both.`,
  );
}

function noResult({ result }: UpdateQueueConfig): InputError {
  return new InputError(
    'RESULT_MISSING',
    `msg.${result} says nothing of an update, so nobody knows how it ended. Wire conditional-update before this node, choose its place under Result, or say under It ended how it did.`,
  );
}
