import { isPeak } from '../../retry/peak';
import { nextHold } from './hold';
import type { QueueSettings, QueueSources } from './queue-settings';
import type { QueueStore, StoreState } from './queue-store';

const MINUTE_MS = 60_000;

/** Clocks that differ by less go the same; an answer takes its time, too. Milliseconds. */
const SAME_TIME_MS = 2000;

/** What the states that a store tells lead to: how its clock goes by ours, and the hold. */
export class Following {
  /** As it was seen last. */
  private hold: string | undefined;
  private ahead = 0;
  private followed: StoreState | undefined;
  private peak = { minute: NaN, isNow: false };

  constructor(
    private readonly store: Pick<QueueStore, 'setHold'>,
    private readonly settings: Pick<QueueSettings, 'hold'>,
    private readonly sources: QueueSources,
  ) {}

  /** How far the store's clock is ahead of ours, as far as is known. */
  get aheadMs(): number {
    return this.ahead;
  }

  /** There is a hold, or it is not known yet. */
  get mayHold(): boolean {
    return this.hold !== '';
  }

  /**
   * Whoever notices first sets the hold; who cannot leaves it to the next one. Undefined: there is nothing to set, which
   * is nearly always so.
   */
  follow(state: StoreState): Promise<void> | undefined {
    // What went together in one step is told the same one.
    if (state === this.followed) return undefined;
    this.followed = state;
    this.hold = state.hold;
    const aheadMs = state.now - this.now();
    this.ahead = Math.abs(aheadMs) < SAME_TIME_MS ? 0 : aheadMs;
    const next = nextHold(state, this.settings.hold, this.isPeak(state.now), this.sources.random);
    return next === undefined ? undefined : this.setHold(state.hold, next);
  }

  /** Our clock. */
  now(): number {
    return this.sources.time.now();
  }

  /** A time of the store's clock by ours. */
  local(time: number | undefined, { now }: StoreState): number | undefined {
    return time === undefined ? undefined : time - now + this.now();
  }

  private async setHold(
    before: string,
    { text, heldUntil }: NonNullable<ReturnType<typeof nextHold>>,
  ): Promise<void> {
    const isSet = await this.store.setHold(before, text, heldUntil).catch(() => false);
    if (isSet) this.hold = text;
  }

  /** Peak hours begin and end on full minutes. */
  private isPeak(now: number): boolean {
    const { hours } = this.settings.hold;
    if (hours === undefined) return false;
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.peak.minute) this.peak = { minute, isNow: isPeak(hours, now) };
    return this.peak.isNow;
  }
}
