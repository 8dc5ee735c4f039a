import type { EndedUpdate } from '../outcome/ended-update';
import type { Rates } from './counts';
import type { MonitorReport, ReportQuery } from './report';

/** The counters of one endpoint. Kept in memory, and in its store where it has one. */
export interface Monitor {
  /** Counts one update, by its record type and the hour. Costs microseconds, and never throws. */
  add(ended: EndedUpdate): void;
  /** What has ended in the last minutes (1 to 60) in this process; the minute under way is the last of them. */
  recent(minutes: number, type?: string): Rates;
  /** Record types that were counted within the last 90 days, in this process or found in the store; sorted. */
  types(): readonly string[];
  /** Saves what has not been saved, and reads what others have. Never rejects: see `unavailable`. */
  report(query: ReportQuery): Promise<MonitorReport>;
  /** Saves what has not been saved. Never rejects. */
  close(): Promise<void>;
}
