import type { Answer } from '../outcome/answer';
import type { ApiError, Row, Sent } from '../outcome/classify';
import type { FieldType } from '../record/compare';
import type { Fields, RecordKey } from '../record/fields';
import type { RecordRef } from '../record/ref';
import type { BaseUrl } from '../record/url';
import type { WireRequest } from '../transport/transport';

/** Everything a write needs to become a request. */
export interface WritePlan {
  readonly ref: RecordRef;
  readonly method: 'PATCH' | 'PUT';
  /** The fields to change. */
  readonly changes: Fields;
  /** The answer of a read in this run; PUT merges the changes into its body and sends the whole record. */
  readonly read?: Answer;
  /** `any` forces the write but never creates the record. */
  readonly precondition: { readonly version: string } | 'any';
}

/** One kind of API: how a record is addressed, read, written and versioned, and what its errors mean. */
export interface ApiFamily {
  readonly id: string;
  /** Name for messages, for example `Dataverse`. */
  readonly label: string;
  /** Methods an update may use. */
  readonly methods: readonly WritePlan['method'][];
  /** Whether a write can be forced without a version and still never create. */
  readonly canForce: boolean;
  /** Path of the Practice API that speaks this family, for example `/api/data/v9.0`. */
  readonly practicePath: string;
  /** Decision rows that come before the common ones. */
  readonly rows: readonly Row[];
  /** Send only the fields that differ from what was read (a repeated equal value fires plug-ins and audit). */
  readonly sendsOnlyDifferences: boolean;
  /** A field absent from the answer counts as null. */
  readonly missingMeansNull: boolean;

  /** The record's address. Throws InputError `KEY_INVALID` or `COLLECTION_INVALID`. */
  locate(baseUrl: BaseUrl, collection: string, key: RecordKey): RecordRef;
  /** Name of the only key field of a collection, where the family knows it. */
  keyField(collection: string): string | undefined;
  /** `fields` undefined: everything. */
  readRequest(ref: RecordRef, fields: readonly string[] | undefined): WireRequest;
  writeRequest(plan: WritePlan): WireRequest;
  /** What the write request carries, for the decision table. */
  sent(plan: WritePlan): Sent;
  /** The record's version in an answer to a read or a write; undefined when it names none. */
  versionOf(answer: Answer): string | undefined;
  /** The record's fields without annotations; undefined when the answer carries no record. */
  valuesOf(answer: Answer): Fields | undefined;
  errorOf(answer: Answer): ApiError;
  /** Name under which a written field is read back (`x@odata.bind` comes back as `_x_value`). */
  readName(field: string): string;
  /** A type the family knows for a field; declared types win. */
  fieldType(field: string): FieldType | undefined;
  /** The changes without annotations. */
  cleanChanges(changes: Fields): Fields;
}

/** Version evidence of the generic family; the other families know theirs. */
export interface RestSettings {
  readonly versionFrom: 'etag' | 'field' | 'last-modified';
  /** Dotted path in the body, with versionFrom `field`. */
  readonly versionField: string;
  /** Where the version goes back: a header (If-Match, or If-Unmodified-Since for Last-Modified) or the same body field. */
  readonly versionTo: 'header' | 'field';
  /** Dotted path of the record in the body; empty: the body is the record. */
  readonly recordPath: string;
  /** Statuses that may mean a version conflict, usually 409 and 412. */
  readonly conflictStatuses: readonly number[];
  readonly missingMeansNull: boolean;
}
