import type { Answer } from '../outcome/answer';
import type { ApiError, Row, Sent } from '../outcome/row';
import type { FieldType } from '../record/canonical';
import type { Fields, RecordKey } from '../record/fields';
import type { RecordRef } from '../record/ref';
import type { BaseUrl } from '../record/url';
import type { WireRequest } from '../transport/transport';
import type { FamilyId } from './family-ids';

/** Methods that carry changes of a record. MERGE is the PATCH of OData V2. */
export type UpdateMethod = 'PATCH' | 'PUT' | 'MERGE';

/** An action bound to the record, called with POST in place of a write of its fields. */
export interface BoundAction {
  /** Qualified as the API wants it, for example `Microsoft.Dynamics.CRM.UpdateOrderStatus`. */
  readonly name: string;
  readonly parameters: Fields;
}

/** Everything a write needs to become a request. */
export interface WritePlan {
  readonly ref: RecordRef;
  readonly method: UpdateMethod;
  /** The fields to change. */
  readonly changes: Fields;
  /** Annotations that say of what type changes are (`<field>@odata.type`); those of fields that are not written stay here. */
  readonly types?: Fields;
  /** What the answer is to show besides, where it shows what it is asked for; names as they read back. */
  readonly shown?: readonly string[];
  /** The answer of a read in this run; PUT merges the changes into its body and sends the whole record. */
  readonly read?: Answer;
  /** `any` forces the write but never creates the record. */
  readonly precondition: { readonly version: string; readonly modifiedAt?: string } | 'any';
  /** Called instead of writing the changes, which it is expected to bring about. */
  readonly action?: BoundAction;
}

/** Reads that a cache in front of the API may answer with an outdated record. */
export interface CachedReads {
  isCached(answer: Answer): boolean;
  /** Milliseconds to let the cache catch up before the record is read again. */
  readonly staleMs: number;
}

/** Fields that are read besides what an update needs: dotted paths in the record; empty: none. */
export interface NotedFields {
  /** Who changed the record last. */
  readonly changedBy: string;
  /** When that was. */
  readonly changedAt: string;
  /** Of what type the record is. */
  readonly type: string;
}

/** One kind of API: how a record is addressed, read, written and versioned, and what its errors mean. */
export interface ApiFamily {
  readonly id: FamilyId;
  /** Name for messages, for example `Dataverse`. */
  readonly label: string;
  /** Methods an update may use. */
  readonly methods: readonly UpdateMethod[];
  /** Whether it takes bound actions. */
  readonly takesActions: boolean;
  /** Whether a write can be forced without a version and still never create. */
  readonly canForce: boolean;
  /** Writes need a CSRF token and the cookies of its session, to be fetched from the base URL. */
  readonly needsCsrfToken: boolean;
  /** A sentence for records without a version: how to get one at this API. */
  readonly noVersionFix: string;
  /** Absent: reads always show the record as it is. */
  readonly cachedReads?: CachedReads;
  /** Decision rows that come before the common ones. */
  readonly rows: readonly Row[];
  /** Send only the fields that differ from what was read (a repeated equal value fires plug-ins and audit). */
  readonly sendsOnlyDifferences: boolean;
  /** A field absent from the answer counts as null. */
  readonly missingMeansNull: boolean;
  /** The API checks no version: only a forced write may be sent. */
  readonly unchecked?: true;
  /** A write needs what a read of this run says of the types of its fields. */
  readonly typesFromRead?: true;
  /** It shows null as empty text or as a time on 1 January 1900. */
  readonly blankIsNull?: true;
  /** What is to be told of a record besides; absent: nothing. */
  readonly noted?: NotedFields;

  /** The record's address. Throws InputError `KEY_INVALID` or `COLLECTION_INVALID`. */
  locate(baseUrl: BaseUrl, collection: string, key: RecordKey): RecordRef;
  /** Name of the only key field of a collection, where the family knows it. */
  keyField(collection: string): string | undefined;
  /** Where an action bound to the record is called. Throws InputError `ACTION_INVALID`. */
  actionUrl(recordUrl: string, action: string): string;
  /** `fields` undefined: everything. */
  readRequest(ref: RecordRef, fields: readonly string[] | undefined): WireRequest;
  writeRequest(plan: WritePlan): WireRequest;
  /** What the write request carries, for the decision table. */
  sent(plan: WritePlan): Sent;
  /** The record's version in an answer to a read or a write; undefined when it names none. */
  versionOf(answer: Answer): string | undefined;
  /** A sentence about the version that an answer names and that cannot be sent back; undefined when there is none such. */
  versionFault(answer: Answer): string | undefined;
  /** When the record was last changed, as the answer spells it; only where writes send If-Unmodified-Since too. */
  modifiedAtOf?(answer: Answer): string | undefined;
  /** The record's fields without annotations; undefined when the answer carries no record. */
  valuesOf(answer: Answer): Fields | undefined;
  errorOf(answer: Answer): ApiError;
  /** Name under which a written field is read back (`x@odata.bind` comes back as `_x_value`). */
  readName(field: string): string;
  /** A type the family knows for a field; declared types win. */
  fieldType(field: string): FieldType | undefined;
  /**
   * The changes without annotations that only describe. Throws InputError `CHANGES_INVALID` for one that says more and
   * would be missed.
   */
  cleanChanges(changes: Fields): Fields;
  /** The annotations among changes that say of what type they are. */
  typesIn(changes: Fields): Fields;
}
