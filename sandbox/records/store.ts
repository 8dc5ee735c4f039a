import { hashText } from '../random';
import type { Fields } from './field-types';
import type { By, Change, Journal } from './journal';

/** One stored record. */
export interface Row {
  readonly id: string;
  /** Seeds every random decision about this record. */
  readonly hash: number;
  /** How many records of this kind were created before it. */
  readonly serial: number;
  readonly values: Record<string, unknown>;
  version: number;
  etag: string;
  /** Requests, write attempts and visits so far: the turn of the next decision. */
  reads: number;
  writes: number;
  attempts: number;
  visits: number;
}

/** How the versions of one kind of record look and grow. */
export interface Versioning {
  /** Of a new record; `previous` is the version of the record it replaces. */
  first(values: Fields, previous: number | undefined): number;
  next(previous: number): number;
  /** `serial` tells records apart, also those that had the same id one after the other. */
  etag(version: number, serial: number): string;
  /** Writes the version and the time of change into the record's own fields. */
  stamp(row: Row, at: string): void;
}

/** Fields that the server sets besides those of a change, by the record before it; `at` is its time, ISO 8601. */
export type Follow = (before: Fields, fields: Fields, at: string) => Fields;

/** All records of one kind. Every change goes through here, so the journal misses none. */
export class RecordStore {
  private readonly rows = new Map<string, Row>();
  private readonly removed = new Set<string>();
  private created = 0;

  constructor(
    private readonly versioning: Versioning,
    readonly journal: Journal,
    private readonly seed: number,
    private readonly follow: Follow = () => ({}),
  ) {}

  find(id: string): Row | undefined {
    return this.rows.get(id);
  }

  all(): IterableIterator<Row> {
    return this.rows.values();
  }

  /** Whether a record with this id was deleted and not created again. */
  wasRemoved(id: string): boolean {
    return this.removed.has(id);
  }

  /** Adds a record, or replaces the one with this id. */
  create(id: string, values: Fields, by: By): Row {
    const first = this.versioning.first(values, this.rows.get(id)?.version);
    const serial = this.created++;
    const row: Row = {
      id,
      hash: hashText(id, this.seed),
      serial,
      values: { ...values },
      version: first,
      etag: this.versioning.etag(first, serial),
      reads: 0,
      writes: 0,
      attempts: 0,
      visits: 0,
    };
    const at = new Date().toISOString();
    this.versioning.stamp(row, at);
    this.rows.set(id, row);
    this.removed.delete(id);
    this.record(row, 'create', by, at, differences({}, values));
    return row;
  }

  /** Sets the fields and gives the record a new version, also when every value stays the same. */
  update(row: Row, fields: Fields, by: By): void {
    const at = new Date().toISOString();
    const all = { ...fields, ...this.follow(row.values, fields, at) };
    const differing = this.journal.enabled ? differences(row.values, all) : {};
    Object.assign(row.values, all);
    row.version = this.versioning.next(row.version);
    row.etag = this.versioning.etag(row.version, row.serial);
    this.versioning.stamp(row, at);
    this.record(row, 'update', by, at, differing);
  }

  remove(row: Row, by: By): void {
    this.rows.delete(row.id);
    this.removed.add(row.id);
    this.record(row, 'delete', by, new Date().toISOString(), {});
  }

  private record(
    row: Row,
    action: Change['action'],
    by: By,
    at: string,
    fields: Change['fields'],
  ): void {
    this.journal.counts[by] += 1;
    if (!this.journal.enabled) return;
    this.journal.changed(row.id, { version: row.etag, at, by, action, fields });
  }
}

function differences(before: Fields, after: Fields): Change['fields'] {
  const result: Record<string, { before: unknown; after: unknown }> = {};
  for (const [name, value] of Object.entries(after)) {
    result[name] = { before: before[name] ?? null, after: value ?? null };
  }
  return result;
}
