import type { Fields } from './field-types';
import type { By } from './journal';
import type { ApiRequest, Reply } from './reply';
import type { RecordStore, Row } from './store';

/** Where a path points, as far as it can be told without looking at the records. */
export type Place =
  | { readonly kind: 'record'; readonly id: string }
  /** By alternate key. */
  | { readonly kind: 'alternate'; readonly name: string; readonly value: string }
  | { readonly kind: 'collection' }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** One of the APIs that the sandbox plays. */
export interface RecordApi {
  readonly store: RecordStore;
  locate(path: string): Place;
  /** The record a place names, if it exists. */
  rowAt(place: Place): Row | undefined;
  handle(request: ApiRequest, place: Place): Reply;
  error(status: number): Reply;
  /** Creates a record, or replaces the one with the same id; fields left out get defaults. Returns its id. */
  put(fields: Fields, by: By): string;
  /** The id of the record that a GUID, order number or work order number names. */
  canonicalId(name: string): string;
}
