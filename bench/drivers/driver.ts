import type { Conflict, Outcome } from '../../lib/outcome/outcome';

/** One read-modify-write of a sales order. */
export interface Job {
  readonly key: string;
  readonly changes: Readonly<Record<string, unknown>>;
  /** A snapshot the message brings; only the node knows what to do with it. */
  readonly record?: unknown;
}

/** How a job ended. */
export interface JobEnding {
  readonly outcome: Outcome;
  readonly conflict?: Conflict;
  /** The snapshot the message leaves with. */
  readonly record?: unknown;
}

/** One way of updating records. */
export interface Driver {
  /** Rejects when the job failed in a way that the driver cannot tell as an outcome. */
  run(job: Job): Promise<JobEnding>;
  close(): Promise<void>;
}

/** What all drivers send with every request, so that they differ in nothing but the client. */
export const ODATA_HEADERS = {
  Accept: 'application/json;odata.metadata=minimal',
  'OData-Version': '4.0',
  'OData-MaxVersion': '4.0',
} as const;

export const WRITE_HEADERS = {
  ...ODATA_HEADERS,
  'Content-Type': 'application/json',
  Prefer: 'return=representation',
} as const;

/** Path of the record with the fields that are read or written. */
export function recordPath({ key, changes }: Job): string {
  return `/api/data/v9.0/salesorders(${key})?$select=${Object.keys(changes).join(',')}`;
}
