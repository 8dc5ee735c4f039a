import type { UpdateToQueue } from '../../lib/coordination/queue/queue';
import { InputError } from '../../lib/errors';
import { asIsoTime, timeOf } from '../../lib/lifecycle/times';
import { isFields, isThenable, type Fields } from '../../lib/record/fields';
import { jsonValue } from '../../lib/record/json-value';
import { keyOf } from '../record-endpoint/lookup';
import { eventTimeOf, spanOf, TIME_FORMS } from '../shared/event-time';
import { recordText } from '../shared/record-text';
import { awaitForgotten, type Scope } from '../shared/scope';
import { namesIn } from '../shared/settings';
import { ticketAt } from '../shared/ticket';
import type { UpdateQueueConfig } from './config';
import { storable } from './stored-message';

/** An update is kept waiting no longer. */
const FARTHEST_MS = 30 * 86_400_000;

/** Earlier than any time that is meant, and later than what seconds since 1970 would be. */
const EARLIEST_MS = Date.UTC(1980, 0);

/** The update that a message asks for. Throws InputError that names the part of the message at fault and the fix. */
export async function updateIn(scope: Scope, config: UpdateQueueConfig): Promise<UpdateToQueue> {
  checkPlaces(scope, config);
  const record = recordText(await keyOf(scope, config));
  const changes = await mergeableIn(scope, config);
  const apart = changes === undefined ? [] : [config.changes];
  const stale = staleIn(scope, config);
  return {
    record,
    changes,
    version: versionAt(scope, config.record),
    eventAt: await eventAt(scope, config),
    dueAt: await dueAt(scope, config),
    message: storable(scope.without(config.ticket, ...apart, ...stale)),
  };
}

/** What another update has left in the message: settle would take it for the result of this one. */
function staleIn(scope: Scope, { result }: UpdateQueueConfig): string[] {
  const before = scope.get(result);
  const { error } = scope.msg;
  const isOver = isFields(before) && before.outcome !== 'retry';
  const isCaught = isFields(error) && isFields(error.source);
  return [...(isOver ? [result] : []), ...(isCaught ? ['error'] : [])];
}

function checkPlaces(scope: Scope, { ticket, result, changes }: UpdateQueueConfig): void {
  for (const place of [ticket, result, changes]) scope.checkPlace(place);
  const held = ticketAt(scope, ticket);
  if (held === undefined) return;
  throw new InputError(
    'TICKET_UNSETTLED',
    `msg.${ticket} still carries the ticket of the queue ${JSON.stringify(held.queue)}. Settle it first, with an update-queue of action "settle", or choose another place under Ticket here.`,
  );
}

/** The changes that others may be merged with; undefined: the update keeps its place. */
async function mergeableIn(scope: Scope, config: UpdateQueueConfig): Promise<Fields | undefined> {
  const changes = scope.get(config.changes);
  if (isThenable(changes)) throw awaitForgotten('CHANGES_INVALID', `msg.${config.changes}`);
  if (config.mode === 'order' || !isFields(changes)) return undefined;
  const names = Object.keys(changes);
  const isStatus = namesIn(config.statusFields).some(name => names.includes(name));
  if (names.length === 0 || isStatus || isInLoop(scope, config)) return undefined;
  if (await keepsPlace(scope, config)) return undefined;
  return checked(changes, config.changes);
}

/** A transition decides on what the record holds, and a write in doubt is judged before anything else. */
function isInLoop(scope: Scope, { guard, result }: UpdateQueueConfig): boolean {
  const before = scope.get(result);
  const isTransition = (scope.get(guard) ?? undefined) !== undefined;
  return isTransition || (isFields(before) && before.outcome === 'retry');
}

async function keepsPlace(
  scope: Scope,
  { inOrder: value, inOrderType: type }: UpdateQueueConfig,
): Promise<boolean> {
  if (type === 'never') return false;
  const code = 'IN_ORDER_INVALID';
  const found = await scope.evaluate({ value, type, label: 'Keep this one in order', code });
  if (found === undefined || found === null) return false;
  if (typeof found === 'boolean') return found;
  throw new InputError(
    code,
    `Keep this one in order must be true or false, not a value of type ${typeof found}. Correct it in the dialog or in the message.`,
  );
}

/** As JSON keeps them. Throws InputError `CHANGES_INVALID`. */
function checked(changes: Fields, place: string): Fields {
  const entries = Object.entries(changes).map(([name, given]) => {
    const read = jsonValue(given);
    if ('value' in read) return [name, read.value];
    const { problem, fix } = read.unfit;
    throw new InputError('CHANGES_INVALID', `msg.${place}.${name} ${problem}. ${fix}`);
  });
  return Object.fromEntries(entries) as Fields;
}

function versionAt(scope: Scope, place: string): string | undefined {
  const record = scope.get(place);
  return isFields(record) && typeof record.version === 'string' ? record.version : undefined;
}

async function eventAt(
  scope: Scope,
  { mode, eventTime: value, eventTimeType: type }: UpdateQueueConfig,
): Promise<number | undefined> {
  if (type === 'none' || mode === 'order') return undefined;
  const code = 'EVENT_TIME_INVALID';
  const time = await scope.evaluate({ value, type, label: 'Event time', code });
  return time === undefined || time === null ? undefined : timeOf(eventTimeOf(time));
}

async function dueAt(
  scope: Scope,
  { notBefore: value, notBeforeType: type }: UpdateQueueConfig,
): Promise<number | undefined> {
  if (type === 'none') return undefined;
  const code = 'NOT_BEFORE_INVALID';
  const time = await scope.evaluate({ value, type, label: 'Not before', code });
  if (time === undefined || time === null) return undefined;
  const ms = timeOf(asIsoTime(time));
  if (ms === undefined) {
    throw new InputError(
      code,
      `Not before is no time. ${TIME_FORMS} Correct it in the dialog or in the message.`,
    );
  }
  if (ms < EARLIEST_MS) {
    throw new InputError(
      code,
      `Not before lies in ${new Date(ms).getUTCFullYear()}: seconds were probably taken for milliseconds. ${TIME_FORMS} Multiply seconds by 1000.`,
    );
  }
  const aheadMs = ms - Date.now();
  if (aheadMs <= FARTHEST_MS) return ms;
  throw new InputError(
    code,
    `Not before lies ${spanOf(aheadMs)} ahead, and an update is kept waiting for at most 30 days. Keep it elsewhere until then, or correct the time.`,
  );
}
