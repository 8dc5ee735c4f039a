import { randomUUID } from 'node:crypto';
import type { WriteFate } from '../../outcome/outcome';
import { again } from './asking';
import type { Following } from './following';
import type { Listeners } from './listeners';
import type { GivenUp, RecordQueue, Taken, Unread } from './queue';
import { checkCount, type QueueSettings } from './queue-settings';
import type { QueueStore, TakenItem } from './queue-store';
import type { Settling } from './settling';
import { fateNoted, waitingOf } from './stored-update';

/** What was taken, and what of it cannot be read. */
interface ReadItem {
  readonly taken: Taken;
  readonly unread: Unread | undefined;
}

/** How updates are handed on; what cannot be, or was too often, is given up. */
export class Taking {
  constructor(
    private readonly store: QueueStore,
    private readonly settings: QueueSettings,
    private readonly following: Following,
    private readonly settling: Settling,
    private readonly onGivenUp: Listeners<GivenUp>,
  ) {}

  async take(most: number): ReturnType<RecordQueue['take']> {
    checkCount('most', most);
    const { taken, nextAt, state } = await this.takeFromStore(most);
    const given: Taken[] = [];
    for (const item of taken) {
      const read = readTaken(item);
      const isLost = read.unread !== undefined;
      if (!isLost && item.deliveries <= this.settings.tries) given.push(read.taken);
      // Where that fails it comes back when its lease is over, and the others are handed on all the same.
      else await this.giveUp(item, read).catch(() => undefined);
    }
    await this.following.follow(state);
    const isMore = given.length < taken.length;
    return {
      taken: given,
      nextAt: isMore ? this.following.now() : this.following.local(nextAt, state),
    };
  }

  private takeFromStore(most: number): ReturnType<QueueStore['take']> {
    const { dispatch, batches } = this.settings;
    const tokens = Array.from({ length: most }, () => randomUUID());
    const batch = batches === 'always' || this.following.mayHold ? dispatch.batch : undefined;
    const options = { tokens, parallel: dispatch.parallel, leaseMs: dispatch.leaseMs, batch };
    return again(() => this.store.take(options));
  }

  private async giveUp(item: TakenItem, { taken, unread }: ReadItem): Promise<void> {
    // Nobody but whoever is told has it then.
    if (unread !== undefined && this.onGivenUp.areNone) return;
    if (!(await this.settling.end(item, { givenUp: 1 }))) return;
    const { update, deliveries, fate } = taken;
    // Handed on so often, and once more to nobody.
    const givenUp = { update, deliveries: deliveries - 1, fate };
    this.onGivenUp.tellOne(unread === undefined ? givenUp : { ...givenUp, unread });
  }
}

function readTaken(item: TakenItem): ReadItem {
  const { record, token, fence, expiresAt, deliveries } = item;
  const { update, note, unread } = waitingOf(record, item);
  const fate = note === undefined ? undefined : fateNoted(note);
  const taken = { ticket: { record, token, fence, expiresAt }, update, deliveries, fate };
  return { taken, unread: unreadIn(unread, note, fate) };
}

function unreadIn(
  text: string | undefined,
  note: string | undefined,
  fate: WriteFate | undefined,
): Unread | undefined {
  if (text !== undefined) return { what: 'update', text, ...(note !== undefined && { note }) };
  return note === undefined || fate !== undefined ? undefined : { what: 'fate', text: note };
}
