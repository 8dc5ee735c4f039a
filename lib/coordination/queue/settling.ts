import { again, changeOf } from './asking';
import { comeBack, type Waiting } from './combine';
import type { Following } from './following';
import type { Listeners } from './listeners';
import { spliceOf } from './planned-put';
import type { QueuedUpdate, SettleResult, Ticket, TicketEnding } from './queue';
import type { QueueSettings, QueueSources } from './queue-settings';
import type { ChangeResult, Counters, QueueStore } from './queue-store';
import { waitingOf } from './stored-update';

/** How a ticket ends whose update waits again. */
type ComingBack = Extract<TicketEnding, { readonly kind: 'again' | 'unseen' }>;

/** What is tried again waits so long at first, and so long in the end, where the API has named no time. Milliseconds. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** No longer whatever it has named: others of the record wait behind it. */
const LONGEST_MS = 24 * 3_600_000;

/** How tickets end: their updates leave the queue, or wait again. */
export class Settling {
  constructor(
    private readonly store: QueueStore,
    private readonly settings: QueueSettings,
    private readonly random: QueueSources['random'],
    private readonly following: Following,
    private readonly onSuperseded: Listeners<QueuedUpdate>,
  ) {}

  async settle(ticket: Ticket, ending: TicketEnding, id?: string): Promise<SettleResult> {
    if (ending.kind === 'again' || ending.kind === 'unseen') {
      return this.settleBack(ticket, ending, id);
    }
    const count = {
      ...(ending.kind === 'done' ? { done: 1 } : { givenUp: 1 }),
      ...settledCount(ending),
    };
    const isEnded = await this.end(ticket, count, id);
    return { state: isEnded ? ending.kind : 'late' };
  }

  /** False: the run is not that token's any more. */
  async end(
    { record, token }: Pick<Ticket, 'record' | 'token'>,
    count: Partial<Counters>,
    id?: string,
  ): Promise<boolean> {
    const result = await this.store.change(changeOf(record, { id, count }, { ends: token }));
    if (result.kind !== 'changed') return false;
    await this.following.follow(result.state);
    return true;
  }

  private async settleBack(
    ticket: Ticket,
    ending: ComingBack,
    id: string | undefined,
  ): Promise<SettleResult> {
    const { record, token } = ticket;
    let slot = await again(() => this.store.look(record));
    for (;;) {
      if (slot.run?.token !== token) {
        return this.answerBefore(ticket, id);
      }
      const run = waitingOf(record, slot.run.item);
      if (ending.kind === 'again' && this.isLastTry(run)) {
        const { metConflict } = ending;
        return this.settle(ticket, { kind: 'given-up', metConflict }, id && givenUpId(id));
      }
      const clocks = { now: this.following.now(), aheadMs: this.following.aheadMs };
      const back = backOf(run, ending, clocks, this.random);
      const items = slot.items.map(item => waitingOf(record, item));
      const combined = comeBack(this.settings, items, back, clocks.now + clocks.aheadMs);
      const { superseded } = combined;
      const count = {
        merged: items.length + 1 - combined.items.length - superseded.length,
        superseded: superseded.length,
        ...(ending.kind === 'again' && { again: 1, ...settledCount(ending) }),
      };
      const splice = spliceOf(items, combined.items);
      const { revision } = slot;
      const change = changeOf(record, { id, revision, ...splice, count }, { ends: token });
      const result = await this.store.change(change);
      if (result.kind === 'moved') slot = result.slot;
      else return this.cameBack(result, superseded, superseded.includes(back.update));
    }
  }

  /** The ticket is over, unless it ended by this very settlement, of which the answer was lost. */
  private async answerBefore(ticket: Ticket, id: string | undefined): Promise<SettleResult> {
    if (id === undefined) return { state: 'late' };
    if (await this.end(ticket, {}, givenUpId(id))) return { state: 'given-up' };
    return { state: (await this.end(ticket, {}, id)) ? 'queued' : 'late' };
  }

  /** What runs was handed on as often as the limit allows, this time included. */
  private isLastTry({ update: { postponed }, deliveries }: Waiting): boolean {
    return postponed + deliveries >= this.settings.tries;
  }

  private async cameBack(
    result: ChangeResult,
    superseded: readonly QueuedUpdate[],
    isSuperseded: boolean,
  ): Promise<SettleResult> {
    if (result.kind !== 'changed') return { state: 'late' };
    this.onSuperseded.tellOne(...superseded);
    await this.following.follow(result.state);
    return { state: isSuperseded ? 'superseded' : 'queued' };
  }
}

function givenUpId(id: string): string {
  return `${id}:given-up`;
}

function settledCount({
  metConflict,
}: Exclude<TicketEnding, { readonly kind: 'unseen' }>): Pick<Counters, 'settled' | 'conflicts'> {
  return { settled: 1, conflicts: metConflict ? 1 : 0 };
}

/**
 * What ran, as it is to wait.
 * @param clocks our wall clock, milliseconds since the epoch, and how far the store's is ahead of it
 * @param random from 0 to below 1
 */
function backOf(
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
