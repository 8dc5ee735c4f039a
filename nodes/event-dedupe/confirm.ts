import type { Claim, SeenEvents } from '../../lib/coordination/seen-events';
import { InputError } from '../../lib/errors';
import type { Fields } from '../../lib/record/fields';
import type { Message, Work } from '../shared/on-input';
import { checkPlace, setProperty } from '../shared/typed-value';
import { asConfirmed, claimIn, eventIn } from './event-members';
import { showDone, type Setting } from './setting';

/** The event was processed: it is remembered for its whole window. */
export async function confirm(setting: Setting, msg: Message, { send }: Work): Promise<void> {
  const { RED, config, store } = setting;
  checkPlace(RED, msg, config.event);
  const event = eventIn(RED, msg, config.event);
  const claim = claimOf(event, config.event);
  const seen = await store.seenEvents();
  setProperty(RED, msg, config.event, await confirmed(setting, seen, claim, event));
  send([msg]);
}

/** Confirms the claim and shows how that went; the event that says so. */
export async function confirmed(
  setting: Setting,
  seen: SeenEvents,
  claim: Claim,
  event: Fields,
): Promise<Fields> {
  const confirmation = await seen.confirm(claim);
  if (!confirmation.saved) setting.status.waiting('not-saved');
  else if (!confirmation.inTime) tellLate(setting, claim);
  else showDone(setting, 'confirmed');
  return asConfirmed(event, confirmation);
}

/** The claim an event carries. Throws InputError `CLAIM_MISSING`. */
export function claimOf(event: Fields, place: string): Claim {
  const claim = claimIn(event);
  if (claim !== undefined) return claim;
  throw new InputError(
    'CLAIM_MISSING',
    `msg.${place} carries no claim to confirm or forget. Wire only what left an event-dedupe node of action "check" by its first output to this node, once, and choose the same place under Event in both.`,
  );
}

function tellLate({ RED, node, status }: Setting, { id }: Claim): void {
  status.waiting('late');
  node.warn(RED._('event-dedupe.warn.late', { id: JSON.stringify(id) }));
}
