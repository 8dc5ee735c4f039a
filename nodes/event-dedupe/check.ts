import type { Claim, SeenEvents } from '../../lib/coordination/seen-events';
import { StopError } from '../../lib/errors';
import type { Message, Work } from '../shared/on-input';
import { checkPlace, setProperty } from '../shared/typed-value';
import { confirmed } from './confirm';
import { eventId } from './event-id';
import { asDuplicate, eventIn, withClaim } from './event-members';
import { sameTarget } from './same-target';
import { showDone, type Setting } from './setting';
import { windowsOf } from './windows';

/** Sends the first of its kind to port 1 and duplicates to port 2. */
export async function check(setting: Setting, msg: Message, work: Work): Promise<void> {
  const { RED, node, config, status, store } = setting;
  const windows = windowsOf(config);
  checkPlace(RED, msg, config.event);
  const event = eventIn(RED, msg, config.event);
  const id = await eventId(RED, node, config, msg);
  const same = await sameTarget(RED, node, config, msg);
  const seen = await store.seenEvents();
  const result = await seen.check({ id, ...windows, ...(same === undefined ? {} : { same }) });
  if (!result.first) {
    setProperty(RED, msg, config.event, asDuplicate(event, id, result));
    if (result.pending) status.waiting('pending');
    else showDone(setting, 'duplicate');
    work.send([null, msg]);
    return;
  }
  try {
    await passFirst(setting, msg, work, seen, result.claim);
  } catch (error) {
    // Nobody got the event: it must be free to come again.
    await seen.forget(result.claim).catch(() => false);
    throw error;
  }
}

async function passFirst(
  setting: Setting,
  msg: Message,
  { send, stop }: Work,
  seen: SeenEvents,
  claim: Claim,
): Promise<void> {
  const { RED, config } = setting;
  const claimed = withClaim(eventIn(RED, msg, config.event), claim);
  if (config.action === 'check') {
    showDone(setting, 'first');
    setProperty(RED, msg, config.event, claimed);
  } else {
    // What is confirmed cannot be forgotten any more.
    throwIfStopped(stop, 'The flow was stopped before the event could be passed on.');
    setProperty(RED, msg, config.event, await confirmed(setting, seen, claim, claimed));
    throwIfStopped(stop, keptBack(claim));
  }
  send([msg, null]);
}

function throwIfStopped({ aborted }: AbortSignal, message: string): void {
  if (aborted) throw new StopError('STOPPED', message);
}

function keptBack({ id }: Claim): string {
  return `Event ${JSON.stringify(id)} is remembered, but the flow was stopped before it could be passed on: it was not processed, and is a duplicate if it comes again.`;
}
