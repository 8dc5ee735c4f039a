import type { Answer } from '../../outcome/answer';
import type { RecordRef } from '../../record/ref';
import type { WireRequest } from '../../transport/transport';
import type { WritePlan } from '../family';

/** How many records of one API are read or written with one request. Where a half is missing, it goes one by one. */
export interface BulkApi {
  readonly reads?: BulkReads;
  readonly writes?: BulkWrites;
}

/** One request that reads several records, and how many of the leading ones it is about. */
export interface ListRequest {
  readonly request: WireRequest;
  /** At least 1. */
  readonly count: number;
}

/** What one page of a list says. */
export interface ListPage {
  /**
   * By the place of the record among those asked for: the answer that a read of this record alone would have got, so
   * that the family takes version and values from it as always. A 404 where the API itself says that it is not there.
   * A record that the page does not name is not in here.
   */
  readonly found: ReadonlyMap<number, Answer>;
  /** The rest of the list; undefined: this was the last page. */
  readonly next: WireRequest | undefined;
}

/** Reads many records of one collection at once. */
export interface BulkReads {
  /**
   * The request for the first of these records, as many as fit into an address or a request.
   * @param refs all of one collection, at least one
   * @param fields as for a single read; undefined: everything
   */
  request(refs: readonly RecordRef[], fields: readonly string[] | undefined): ListRequest;
  /** What an answer holds of these records; undefined: it is no list. */
  pageOf(answer: Answer, refs: readonly RecordRef[]): ListPage | undefined;
}

/** One write of a batch: the plan, and the request that would carry it alone. */
export interface BatchMember {
  readonly plan: WritePlan;
  readonly request: WireRequest;
}

export interface BatchOptions {
  /** All or nothing: one change set. Only where `canGroup`. */
  readonly atomic: boolean;
  /** A text that stands nowhere else, of letters, digits and `-`; it separates parts. */
  readonly boundary: string;
}

/** What a batch answer says of one member. */
export type MemberAnswer =
  /** As if the member had been sent alone. */
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** The API stopped before it: provably not executed. */
  | { readonly kind: 'never-ran' }
  /** The answer says nothing of it: it may have been executed. */
  | { readonly kind: 'untold' };

export type BatchAnswer =
  /** One for each member, in the order in which they were sent. */
  | { readonly kind: 'members'; readonly members: readonly MemberAnswer[] }
  /** All or nothing, and it became nothing: because of the member at this place, where the answer tells. */
  | { readonly kind: 'rolled-back'; readonly cause: number | undefined; readonly answer: Answer }
  /** It says something about the batch as a whole and nothing about its members. */
  | { readonly kind: 'whole' };

/** Writes many records at once, each on the condition of its own version. */
export interface BulkWrites {
  /** The most members that the API takes in one request. */
  readonly most: number;
  /** Whether it can apply all members or none. */
  readonly canGroup: boolean;
  /** The batch. Never with a precondition of its own: that stands with each member. */
  request(members: readonly BatchMember[], options: BatchOptions): WireRequest;
  /** Members are told by their id, never by position alone. */
  answersIn(
    answer: Answer,
    members: readonly BatchMember[],
    options: Pick<BatchOptions, 'atomic'>,
  ): BatchAnswer;
}
