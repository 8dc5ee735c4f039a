import type { Waiting } from './combine';
import type { TicketEnding } from './queue';

/** How a ticket ends whose update waits again. */
export type ComingBack = Extract<TicketEnding, { readonly kind: 'again' | 'unseen' }>;

/** What is tried again waits so long at first, and so long in the end, where the API has named no time. Milliseconds. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** No longer whatever it has named: others of the record wait behind it. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * What ran, as it is to wait.
 * @param clocks our wall clock, milliseconds since the epoch, and how far the store's is ahead of it
 * @param random from 0 to below 1
 */
export function backOf(
  run: Waiting,
  ending: ComingBack,
  { now, aheadMs }: { readonly now: number; readonly aheadMs: number },
  random: () => number,
): Waiting {
  if (ending.kind === 'unseen') {
    return { ...run, dueAt: 0, deliveries: Math.max(0, run.deliveries - 1) };
  }
  const { fate } = ending;
  const { postponed } = run.update;
  const dueAt = Math.min(ending.dueAt ?? now + waitAfter(postponed, random), now + LONGEST_MS);
  return {
    ...run,
    update: { ...run.update, postponed: postponed + 1 },
    dueAt: dueAt > now ? dueAt + aheadMs : 0,
    deliveries: 0,
    note: fate === 'as-stored' ? run.note : fate && JSON.stringify(fate),
  };
}

/** Doubled with every try, half of it by chance. */
function waitAfter(postponed: number, random: () => number): number {
  const ms = Math.min(FIRST_WAIT_MS * 2 ** postponed, LONGEST_WAIT_MS);
  return Math.round((ms / 2) * (1 + random()));
}
