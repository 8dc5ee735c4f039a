import type { Claim, SeenEvents } from '../../lib/coordination/seen-events';
import { InputError, StopError } from '../../lib/errors';
import { isFields, type Fields } from '../../lib/record/fields';
import type { RecordStoreNode } from '../record-store/lookup';
import type { Scope } from '../shared/scope';
import type { StatusName } from '../shared/text-key';
import type { EventDedupeConfig } from './config';
import {
  asConfirmed,
  asDuplicate,
  claimIn,
  eventIn,
  withClaim,
  withoutToken,
} from './event-members';
import { eventId, sameTarget, windowsOf } from './identity';

/** What every action of one node works with. */
interface Setting {
  readonly config: EventDedupeConfig;
  readonly store: RecordStoreNode;
}

type Action = (scope: Scope, setting: Setting) => Promise<void>;

/** What a node does with an event, by its setting. */
export const ACTIONS: Readonly<Record<EventDedupeConfig['action'], Action>> = {
  check,
  'check-confirm': check,
  confirm,
  forget,
};

/** Sends the first of its kind to port 1 and duplicates to port 2. */
async function check(scope: Scope, { config, store }: Setting): Promise<void> {
  const windows = windowsOf(config);
  scope.checkPlace(config.event);
  const event = eventIn(scope, config.event);
  const id = await eventId(scope, config);
  const same = await sameTarget(scope, config);
  const seen = await store.seenEvents();
  const result = await seen.check({ id, ...windows, ...(same === undefined ? {} : { same }) });
  if (!result.first) {
    scope.set(config.event, asDuplicate(event, id, result));
    if (result.pending) scope.status.waiting('pending');
    else showDone(scope, store, 'duplicate');
    scope.send([null, scope.msg]);
    return;
  }
  try {
    await passFirst(scope, { config, store }, seen, result.claim);
  } catch (error) {
    // Nobody got the event: it must be free to come again.
    await seen.forget(result.claim).catch(() => false);
    throw error;
  }
}

async function passFirst(
  scope: Scope,
  { config, store }: Setting,
  seen: SeenEvents,
  claim: Claim,
): Promise<void> {
  const claimed = withClaim(eventIn(scope, config.event), claim);
  if (config.action === 'check') {
    showDone(scope, store, 'first');
    scope.set(config.event, claimed);
  } else {
    // What is confirmed cannot be forgotten any more.
    throwIfStopped(scope.stop, 'The flow was stopped before the event could be passed on.');
    scope.set(config.event, await confirmed(scope, store, seen, claim, claimed));
    throwIfStopped(scope.stop, keptBack(claim));
  }
  scope.send([scope.msg, null]);
}

function throwIfStopped({ aborted }: AbortSignal, message: string): void {
  if (aborted) throw new StopError('STOPPED', message);
}

function keptBack({ id }: Claim): string {
  return `Event ${JSON.stringify(id)} is remembered, but the flow was stopped before it could be passed on: it was not processed, and is a duplicate if it comes again.`;
}

/** The event was processed: it is remembered for its whole window. */
async function confirm(scope: Scope, { config, store }: Setting): Promise<void> {
  scope.checkPlace(config.event);
  const event = eventIn(scope, config.event);
  const claim = claimOf(event, config.event);
  const seen = await store.seenEvents();
  scope.set(config.event, await confirmed(scope, store, seen, claim, event));
  scope.send([scope.msg]);
}

/** Confirms the claim and shows how that went; the event that says so. */
async function confirmed(
  scope: Scope,
  store: RecordStoreNode,
  seen: SeenEvents,
  claim: Claim,
  event: Fields,
): Promise<Fields> {
  const confirmation = await seen.confirm(claim);
  if (!confirmation.saved) scope.status.waiting('not-saved');
  else if (!confirmation.inTime) tellLate(scope, claim);
  else showDone(scope, store, 'confirmed');
  return asConfirmed(event, confirmation);
}

/** The claim an event carries. Throws InputError `CLAIM_MISSING`. */
function claimOf(event: Fields, place: string): Claim {
  const claim = claimIn(event);
  if (claim !== undefined) return claim;
  throw new InputError(
    'CLAIM_MISSING',
    `msg.${place} carries no claim to confirm or forget. Wire only what left an event-dedupe node of action "check" by its first output to this node, once, and choose the same place under Event in both.`,
  );
}

function tellLate({ node, status, translate }: Scope, { id }: Claim): void {
  status.waiting('late');
  node.warn(translate('event-dedupe.warn.late', { id: JSON.stringify(id) }));
}

/** The event was not processed: it may come again at once. */
async function forget(scope: Scope, setting: Setting): Promise<void> {
  if (failedUnclaimed(scope, setting.config.event)) scope.status.waiting('no-claim');
  else await forgetClaim(scope, setting);
  scope.send([scope.msg]);
}

async function forgetClaim(scope: Scope, { config, store }: Setting): Promise<void> {
  scope.checkPlace(config.event);
  const event = eventIn(scope, config.event);
  const seen = await store.seenEvents();
  const wasHeld = await seen.forget(claimOf(event, config.event));
  scope.set(config.event, withoutToken(event));
  if (wasHeld) showDone(scope, store, 'forgotten');
  else scope.status.waiting('late');
}

/** What a Catch node brings may have failed before it was claimed: an error here would only come back. */
function failedUnclaimed(scope: Scope, path: string): boolean {
  const { error } = scope.msg;
  if (!isFields(error) || !isFields(error.source)) return false;
  const event = scope.get(path);
  return !isFields(event) || claimIn(event) === undefined;
}

/** Green only while the store is sound. */
function showDone({ status }: Scope, { troubles }: RecordStoreNode, text: StatusName): void {
  if (troubles.current === undefined) status.done(text);
  else status.waiting('degraded');
}
