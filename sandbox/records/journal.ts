import type { Fields } from './field-types';

/** Who changed a record. */
export type By = 'api' | 'background' | 'operator' | 'seed';

/** One committed change of one record. */
export interface Change {
  /** The version the change produced, spelled like the ETag; for a deletion the last version. */
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: By;
  readonly action: 'create' | 'update' | 'delete';
  /** Every field the change named; before and after are equal when it wrote the value again. */
  readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
}

/** One request that named a record. */
export interface LoggedRequest {
  readonly at: string;
  readonly method: string;
  /** What the client was told; with `answered: false` what it would have been told. */
  readonly status: number;
  /** False when the connection broke before the whole answer was out. */
  readonly answered: boolean;
  /** Present when it was a part of a request for many records. */
  readonly part?: true;
  readonly ifMatch?: string;
  /** The header as sent. */
  readonly idempotencyKey?: string;
  /** What a write asked for, as sent; missing where its body is no JSON object. */
  readonly fields?: Fields;
}

/** How much is remembered per record: everything, nothing, or the newest n entries. */
export type KeepHistory = boolean | number;

/** What happened to the records of one kind, oldest first per record. Outlives the records. */
export class Journal {
  readonly counts: Record<By, number> = { api: 0, background: 0, operator: 0, seed: 0 };
  private readonly changesById = new Map<string, Change[]>();
  private readonly requestsById = new Map<string, LoggedRequest[]>();
  private readonly limit: number;

  constructor(keep: KeepHistory) {
    this.limit = keep === true ? Infinity : Number(keep);
  }

  get enabled(): boolean {
    return this.limit > 0;
  }

  changed(id: string, change: Change): void {
    this.append(this.changesById, id, change);
  }

  requested(id: string, request: LoggedRequest): void {
    this.append(this.requestsById, id, request);
  }

  changes(id: string): readonly Change[] {
    return this.changesById.get(id) ?? [];
  }

  requests(id: string): readonly LoggedRequest[] {
    return this.requestsById.get(id) ?? [];
  }

  private append<T>(lists: Map<string, T[]>, id: string, entry: T): void {
    const list = lists.get(id);
    if (list === undefined) lists.set(id, [entry]);
    else if (list.push(entry) > this.limit) list.shift();
  }
}
