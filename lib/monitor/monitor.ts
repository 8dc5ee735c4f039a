import type { EndedUpdate } from '../outcome/ended-update';
import { RECENT_MINUTES, type SettledCounts } from '../retry/conflict-rate';
import { setUnrefTimer, type SetTimer, type Time } from '../retry/time';
import { CounterMemory, firstKept, MOST_TYPES, OTHER_TYPES } from './counter-memory';
import { hourOf, type CountedHour, type CounterStore } from './counter-store';
import { addRow, emptyRow, ratesOf, settledIn, type Rates, type CountRow } from './counts';
import { LocalHours } from './local-hours';
import { OwnHours } from './own-hours';
import { MINUTE_MS, RecentMinutes } from './recent-minutes';
import type { MonitorReport, ReportQuery } from './report';

/** The counters of one endpoint. Kept in memory, and in its store where it has one. */
export interface Monitor {
  /** Counts one update, by its record type and the hour. Costs microseconds, and never throws. */
  add(ended: EndedUpdate): void;
  /** What has ended in the last minutes (1 to 60) in this process; the minute under way is the last of them. */
  recent(minutes: number, type?: string): Rates;
  /** The rate of conflicts that live figures show: all record types of the last `RECENT_MINUTES`. Cheap. */
  lately(): SettledCounts;
  /** Record types that were counted within the last 90 days, in this process or found in the store; sorted. */
  types(): readonly string[];
  /**
   * Saves what has not been saved, and reads what others have. Rejects with RangeError for a time zone that is none, and
   * for nothing else: where the store cannot be used, `unavailable` says so.
   */
  report(query: ReportQuery): Promise<MonitorReport>;
  /** Saves what has not been saved. Never rejects. It may be used on. */
  save(): Promise<void>;
}

export interface MonitorOptions {
  readonly time: Pick<Time, 'now'>;
  /** Where the counters are kept. Asked for whenever it is needed; rejects while it cannot be used. */
  readonly store: () => Promise<CounterStore>;
  readonly setTimer?: SetTimer;
}

export function createMonitor(options: MonitorOptions): Monitor {
  return new EndpointMonitor(options);
}

/** So often what was counted is saved: a crash loses no more. Milliseconds. */
const SAVE_EVERY_MS = 10_000;

class EndpointMonitor implements Monitor {
  private readonly minutes = new Map<string, RecentMinutes>();
  private readonly own = new OwnHours();
  private latestStore: CounterStore | undefined;
  private saving: Promise<string | undefined> | undefined;
  private isTimed = false;

  constructor(private readonly options: MonitorOptions) {}

  add(ended: EndedUpdate): void {
    const now = this.options.time.now();
    const type = this.minutes.has(ended.type) ? ended.type : this.nameFor(ended.type);
    this.own.add(ended, type, hourOf(now));
    this.minutesOf(type).add(ended, Math.floor(now / MINUTE_MS));
    if (!this.isTimed) this.saveLater();
  }

  recent(minutes: number, type?: string): Rates {
    const now = Math.floor(this.options.time.now() / MINUTE_MS);
    const sum = emptyRow();
    for (const [name, counted] of this.minutes) {
      if (type === undefined || name === type) counted.addTo(sum, now, minutes);
    }
    return ratesOf(sum);
  }

  lately(): SettledCounts {
    const now = Math.floor(this.options.time.now() / MINUTE_MS);
    let settled = 0;
    let conflicts = 0;
    for (const counted of this.minutes.values()) {
      counted.each(now, RECENT_MINUTES, row => {
        const more = settledIn(row);
        settled += more.settled;
        conflicts += more.conflicts;
      });
    }
    return { settled, conflicts };
  }

  types(): readonly string[] {
    return [...new Set([...this.known.types(), ...this.minutes.keys()])].sort();
  }

  async report(query: ReportQuery): Promise<MonitorReport> {
    const local = new LocalHours(query.timeZone);
    const unavailable = await this.exchange();
    const at = this.options.time.now();
    const first = Math.max(hourOf(at) - query.days * 24 + 1, firstKept(hourOf(at)));
    const byType = new Map<string, CountRow>();
    for (const counted of this.hoursSince(first)) {
      const { type, hour, row } = counted;
      const sum = byType.get(type) ?? emptyRow();
      byType.set(type, sum);
      addRow(sum, row);
      if (query.type === undefined || type === query.type) local.add(hour, counted);
    }
    return { ...this.reportOf(query, at, byType), ...local.shown(), unavailable };
  }

  async save(): Promise<void> {
    await this.saved();
  }

  private get known(): CounterMemory {
    return this.latestStore?.known ?? NOTHING;
  }

  private reportOf({ type }: ReportQuery, at: number, byType: ReadonlyMap<string, CountRow>) {
    const total = emptyRow();
    for (const [name, row] of byType) if (type === undefined || name === type) addRow(total, row);
    const live = { minutes: this.recent(RECENT_MINUTES, type), hour: this.recent(60, type) };
    const types = [...byType].map(([name, row]) => ({ type: name, rates: ratesOf(row) }));
    types.sort((a, b) => b.rates.updates - a.rates.updates);
    return { at, live, total: ratesOf(total), byType: types };
  }

  private *hoursSince(first: number): Generator<CountedHour> {
    for (const [type, hour, counts] of this.known.since(first)) yield { type, hour, ...counts };
    for (const counted of this.own.rest()) if (counted.hour >= first) yield counted;
  }

  private nameFor(type: string): string {
    const types = this.types();
    return types.includes(type) || types.length < MOST_TYPES ? type : OTHER_TYPES;
  }

  private minutesOf(type: string): RecentMinutes {
    let counted = this.minutes.get(type);
    if (counted === undefined) this.minutes.set(type, (counted = new RecentMinutes()));
    return counted;
  }

  private saveLater(): void {
    this.isTimed = true;
    // At once: a store that knows of us lets us save what is left before it closes.
    this.options.store().catch(nothing);
    (this.options.setTimer ?? setUnrefTimer)(() => {
      this.isTimed = false;
      void this.saved();
    }, SAVE_EVERY_MS);
  }

  /** Undefined: what could be saved is, and what others have was read; else why not. */
  private async exchange(): Promise<string | undefined> {
    const why = await this.saved();
    if (why !== undefined) return why;
    return this.latestStore?.read().then(nothing, reasonOf);
  }

  /** One at a time. Undefined: all that had been counted when it began is saved; else why not. */
  private async saved(): Promise<string | undefined> {
    await this.saving;
    this.saving ??= this.saveOnce().finally(() => {
      this.saving = undefined;
    });
    return this.saving;
  }

  private async saveOnce(): Promise<string | undefined> {
    try {
      const store = await this.options.store();
      if (store !== this.latestStore) this.own.startAnew();
      this.latestStore = store;
      const hours = this.own.toSave();
      if (hours.length > 0) await store.save(hours);
      this.own.saved(hours);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }
}

const NOTHING = new CounterMemory();

function nothing(): undefined {
  return undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
