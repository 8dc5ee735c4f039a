import type { ApiRequest, Reply } from '../http/reply';
import type { Fields } from './field-types';
import type { By } from './journal';
import type { RecordStore, Row } from './store';

/** Where a path points, as far as it can be told without looking at the records. */
export type Place =
  | ({ readonly kind: 'record'; readonly id: string } & Bound)
  /** By alternate key. */
  | ({ readonly kind: 'alternate'; readonly name: string; readonly value: string } & Bound)
  | { readonly kind: 'collection' }
  | { readonly kind: 'refused'; readonly reply: Reply };

interface Bound {
  /** Qualified name of an action bound to the record. */
  readonly action?: string;
}

/** One of the APIs that the sandbox plays. */
export interface RecordApi {
  /** What the paths it serves begin with. */
  readonly prefix: string;
  readonly store: RecordStore;
  /** Headers of every answer, besides its own. */
  readonly always?: Reply['headers'];
  locate(path: string): Place;
  /** The record a place names, if it exists. */
  rowAt(place: Place): Row | undefined;
  handle(request: ApiRequest, place: Place): Reply;
  error(status: number): Reply;
  /** Creates a record, or replaces the one with the same id; fields left out get defaults. Returns its id. */
  put(fields: Fields, by: By): string;
  /** The id of the record that another of its names stands for; any other text as it is. */
  canonicalId(name: string): string;
}
