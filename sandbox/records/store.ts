import { hashText } from '../random';
import type { Fields } from './field-types';
import type { By, Change, Journal } from './journal';
import type { Transaction } from './transaction';

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
  /** Writes the version, and when and by whom it was changed, into the record's own fields. */
  stamp(row: Row, at: string, writer: string): void;
}

/** Fields that the server sets besides those of a change, by the record before it; `at` is its time, ISO 8601. */
export type Follow = (before: Fields, fields: Fields, at: string) => Fields;

/** All records of one kind. Every change goes through here, so the journal misses none. */
export class RecordStore {
  private readonly rows = new Map<string, Row>();
  /** The last version of each record that is gone. */
  private readonly removed = new Map<string, string>();
  private transaction: Transaction | undefined;
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

  /** The last version of a record that was deleted and not created again. */
  removedVersion(id: string): string | undefined {
    return this.removed.get(id);
  }

  /** What the API writes from now on belongs to this transaction; undefined: it holds at once. */
  join(transaction: Transaction | undefined): void {
    this.transaction = transaction;
  }

  /** Whether a transaction that is open has written the row. */
  isHeld(row: Row): boolean {
    return this.transaction?.holds(row) === true;
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
    this.versioning.stamp(row, at, writerOf(by, values));
    this.undoable(row, by, this.undoPlacing(id));
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
    this.undoable(row, by, undoValues(row));
    Object.assign(row.values, all);
    row.version = this.versioning.next(row.version);
    row.etag = this.versioning.etag(row.version, row.serial);
    this.versioning.stamp(row, at, writerOf(by, fields));
    this.record(row, 'update', by, at, differing);
  }

  remove(row: Row, by: By): void {
    this.undoable(row, by, this.undoPlacing(row.id));
    this.rows.delete(row.id);
    this.removed.set(row.id, row.etag);
    this.record(row, 'delete', by, new Date().toISOString(), {});
  }

  private undoable(row: Row, by: By, undo: () => void): void {
    if (by === 'api') this.transaction?.wrote(row, undo);
  }

  /** Puts back what there was under this id. */
  private undoPlacing(id: string): () => void {
    const row = this.rows.get(id);
    const removed = this.removed.get(id);
    return () => {
      if (row === undefined) this.rows.delete(id);
      else this.rows.set(id, row);
      if (removed === undefined) this.removed.delete(id);
      else this.removed.set(id, removed);
    };
  }

  private record(
    row: Row,
    action: Change['action'],
    by: By,
    at: string,
    fields: Change['fields'],
  ): void {
    const change = { version: row.etag, at, by, action, fields };
    const tell = (): void => {
      this.journal.counts[by] += 1;
      if (this.journal.enabled) this.journal.changed(row.id, change);
    };
    if (by === 'api' && this.transaction !== undefined) this.transaction.note(tell);
    else tell();
  }
}

/** As an API names whoever changed a record: a background job by the first field that it touches. */
function writerOf(by: By, fields: Fields): string {
  const [field = 'nightly'] = Object.keys(fields);
  return by === 'background' ? `${field} job` : WRITERS[by];
}

const WRITERS = { api: 'integration', operator: 'a colleague', seed: 'import' } as const;

/**
 * Puts back values and ETag. The number of the version stays used: an ETag that somebody may have been
 * told must not come to stand for something else.
 */
function undoValues(row: Row): () => void {
  const { etag } = row;
  const values = { ...row.values };
  return () => {
    for (const name of Object.keys(row.values)) Reflect.deleteProperty(row.values, name);
    Object.assign(row.values, values);
    row.etag = etag;
  };
}

function differences(before: Fields, after: Fields): Change['fields'] {
  const result: Record<string, { before: unknown; after: unknown }> = {};
  for (const [name, value] of Object.entries(after)) {
    result[name] = { before: before[name] ?? null, after: value ?? null };
  }
  return result;
}
