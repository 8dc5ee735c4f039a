import type { Rates } from './counts';

/** What is asked of a monitor. */
export interface ReportQuery {
  /** Undefined: all record types together. */
  readonly type: string | undefined;
  /** IANA name: the local time in which hours of the day are shown. */
  readonly timeZone: string;
  /** How far back, 1 to 90: so many times 24 hours, the hour under way included. */
  readonly days: number;
}

/** Everything there is to show of one endpoint. Plain data; Infinity becomes null in JSON. */
export interface MonitorReport {
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number;
  /** What has ended in the minute under way and those before it, in this Node-RED only. */
  readonly live: {
    /** 5 minutes. */
    readonly minutes: Rates;
    /** 60 minutes. */
    readonly hour: Rates;
  };
  /** All of the days asked for, of every Node-RED that counts into the same store. */
  readonly total: Rates;
  /** The same by record type, the type with the most updates first; not narrowed by the type asked for. */
  readonly byType: readonly { readonly type: string; readonly rates: Rates }[];
  /** `[weekday][hour]` in local time: weekday 0 is Sunday, hour 0 to 23. */
  readonly heatMap: readonly (readonly HeatCell[])[];
  /** Whom updates met, by hour of the day in local time (0 to 23), the most frequent first. */
  readonly writersByHour: readonly (readonly WriterCount[])[];
  /** The same over all hours. */
  readonly writers: readonly WriterCount[];
  /** Counters that could not be read from the store, and why: then only what this Node-RED knows is shown. */
  readonly unavailable: string | undefined;
}

export interface HeatCell {
  readonly updates: number;
  readonly conflicts: number;
  /** Conflicts per update; undefined: no updates. */
  readonly rate: number | undefined;
}

export interface WriterCount {
  /** As the record names whoever changed it. Of each hour, the three that were met most often are counted. */
  readonly writer: string;
  /** Conflicts and noise in which the record had been changed by this one. */
  readonly count: number;
}
