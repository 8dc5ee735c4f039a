import type { BulkProgress, ReviewCounts, ReviewDesk } from '../../lib/review/desk';
import type { Monitor } from '../../lib/monitor/monitor';
import { RECENT_MINUTES } from '../../lib/retry/conflict-rate';
import type { ReviewList, ReviewLists } from './lists';
import type { LiveCounts } from './shapes';

/** So often at most numbers are sent, milliseconds. */
const EVERY_MS = 1_000;
/** How long a list whose store is away is left alone, milliseconds. */
const AGAIN_AFTER_MS = 5_000;

/** What the numbers come from, and where they go. */
export interface BroadcastWiring {
  readonly lists: ReviewLists;
  readonly monitors: () => readonly Monitor[];
  readonly publish: (live: LiveCounts) => void;
}

interface Watched {
  readonly list: ReviewList;
  desk: ReviewDesk | undefined;
  counts: ReviewCounts | undefined;
  bulk: BulkProgress | undefined;
  stop: () => void;
}

/**
 * Tells the sidebars of all editors, at most once a second, how many entries there are and how many updates have met a
 * conflict. Numbers only, for everybody gets them.
 */
export class CountsBroadcast {
  private watched: readonly Watched[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private turn = 0;
  private sent = '';

  constructor(private readonly wiring: BroadcastWiring) {}

  /** Watches what is deployed now. */
  start(): void {
    this.stop();
    this.turn += 1;
    this.watched = this.wiring.lists().map(list => this.watch(list));
    this.timer = setInterval(() => {
      this.send();
    }, EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const { stop } of this.watched) stop();
    this.watched = [];
  }

  private watch(list: ReviewList): Watched {
    let isOver = false;
    const watched: Watched = {
      list,
      desk: undefined,
      counts: undefined,
      bulk: undefined,
      stop: () => {
        isOver = true;
      },
    };
    const begin = async (): Promise<void> => {
      const desk = await list.desk();
      const counts = await desk.counts();
      if (isOver) return;
      this.turn += 1;
      watched.desk = desk;
      watched.counts = counts;
      watched.stop = desk.onChange((now, bulk) => {
        watched.counts = now;
        watched.bulk = bulk;
        this.turn += 1;
      });
    };
    // A list that is away says so where it is looked at; its node says it, too.
    const tryOn = (): void => {
      begin().catch(() => {
        if (!isOver) setTimeout(tryOn, AGAIN_AFTER_MS).unref();
      });
    };
    tryOn();
    return watched;
  }

  private send(): void {
    const live = this.counts();
    const text = JSON.stringify(live);
    if (text === this.sent) return;
    this.sent = text;
    this.wiring.publish(live);
  }

  /** Once where several nodes show one list. */
  private countsByPlace(): readonly ReviewCounts[] {
    const byPlace = new Map<string, ReviewCounts>();
    for (const { list, counts } of this.watched) {
      if (counts !== undefined) byPlace.set(list.place, counts);
    }
    return [...byPlace.values()];
  }

  private counts(): LiveCounts {
    const rates = this.wiring.monitors().map(monitor => monitor.recent(RECENT_MINUTES));
    const counts = this.countsByPlace();
    const running = this.watched.flatMap(({ bulk }) => (bulk?.state === 'running' ? [bulk] : []));
    return {
      turn: this.turn,
      open: sum(counts, count => count.open),
      toReconcile: sum(counts, count => count.toReconcile),
      fullLists: sum(counts, count => (count.isFull ? 1 : 0)),
      bulkLeft: sum(running, bulk => bulk.left),
      bulkTotal: sum(running, bulk => bulk.total),
      updates: sum(rates, rate => rate.updates),
      conflicts: sum(rates, rate => rate.conflicts),
      retries: sum(rates, rate => rate.retried),
    };
  }
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
