import { isFields } from '../../lib/record/fields';
import type { Message, Work } from '../shared/on-input';
import { checkPlace, getProperty, setProperty } from '../shared/typed-value';
import { claimOf } from './confirm';
import { claimIn, eventIn, withoutToken } from './event-members';
import { showDone, type Setting } from './setting';

/** The event was not processed: it may come again at once. */
export async function forget(setting: Setting, msg: Message, { send }: Work): Promise<void> {
  if (failedUnclaimed(setting, msg)) setting.status.waiting('no-claim');
  else await forgetClaim(setting, msg);
  send([msg]);
}

async function forgetClaim(setting: Setting, msg: Message): Promise<void> {
  const { RED, config, status, store } = setting;
  checkPlace(RED, msg, config.event);
  const event = eventIn(RED, msg, config.event);
  const seen = await store.seenEvents();
  const wasHeld = await seen.forget(claimOf(event, config.event));
  setProperty(RED, msg, config.event, withoutToken(event));
  if (wasHeld) showDone(setting, 'forgotten');
  else status.waiting('late');
}

/** What a Catch node brings may have failed before it was claimed: an error here would only come back. */
function failedUnclaimed({ RED, config }: Setting, msg: Message): boolean {
  const { error } = msg;
  if (!isFields(error) || !isFields(error.source)) return false;
  const event = getProperty(RED, msg, config.event);
  return !isFields(event) || claimIn(event) === undefined;
}
