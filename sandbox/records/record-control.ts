import type { Fields } from './field-types';
import type { By, Change, LoggedRequest } from './journal';
import type { RecordApi } from './record-api';

/** One record as it is now. */
export interface RecordView {
  readonly id: string;
  /** Spelled like the ETag; of documents like `_rev`. */
  readonly version: string;
  readonly values: Fields;
}

/**
 * Hands on the records of one kind, past the API and its rules. Ids are GUIDs or order numbers for
 * sales orders, `USMF/SO-2025-0145` at Finance & Operations (without a company: the user's own), and
 * elsewhere the key.
 */
export class RecordControl {
  constructor(private readonly api: RecordApi) {}

  get(id: string): RecordView | undefined {
    const row = this.api.store.find(this.api.canonicalId(id));
    if (row === undefined) return undefined;
    return { id: row.id, version: row.etag, values: { ...row.values } };
  }

  /** Creates a record, or replaces the one with the same id; fields left out get defaults. Returns its id. */
  put(fields: Fields): string {
    return this.api.put(fields, 'seed');
  }

  /** Changes fields as somebody else would; returns the new version. Throws when there is no such record. */
  touch(id: string, fields: Fields, by: By = 'operator'): string {
    const row = this.existing(id);
    this.api.store.update(row, fields, by);
    return row.etag;
  }

  /** Deletes the record as somebody else would. Throws when there is no such record. */
  remove(id: string, by: By = 'operator'): void {
    this.api.store.remove(this.existing(id), by);
  }

  ids(): readonly string[] {
    return Array.from(this.api.store.all(), row => row.id);
  }

  /** Every change of the record, oldest first; stays after the record is deleted. */
  history(id: string): readonly Change[] {
    return this.api.store.journal.changes(this.api.canonicalId(id));
  }

  /** Every request that named the record, oldest first. */
  requests(id: string): readonly LoggedRequest[] {
    return this.api.store.journal.requests(this.api.canonicalId(id));
  }

  private existing(id: string): NonNullable<ReturnType<RecordApi['rowAt']>> {
    const row = this.api.store.find(this.api.canonicalId(id));
    if (row === undefined) throw new Error(`sandbox: there is no record ${id}`);
    return row;
  }
}
