/** A status as records hold it: its text, or its number where the API counts its statuses. */
export type State = string | number;

export const REFUSAL_REASONS = [
  'invalid-transition',
  'missing-fields',
  'busy',
  'unknown-state',
] as const;

/**
 * Why a transition is not allowed: the table has no such transition, the new state needs fields that are empty, an
 * operator has the record open, or a state is not in the table (or cannot be seen).
 */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What the transition guard has against a transition, as `msg.update.refused`. Plain data. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What the record's status field holds. */
  readonly from: unknown;
  /** The state that is wanted. */
  readonly to: unknown;
  /** `invalid-transition`: the states that may follow. */
  readonly next?: readonly State[];
  /** `invalid-transition`: the shortest way to the wanted state, which ends with it. */
  readonly path?: readonly State[];
  /** `invalid-transition`: the state the decision was made on, where the record has left it since. */
  readonly decidedOn?: State;
  /** `invalid-transition`: ISO 8601 times of an event that is older than the record's present state. */
  readonly late?: { readonly eventAt: string; readonly since: string };
  /** `missing-fields`: names of the fields that are empty. */
  readonly missing?: readonly string[];
  /** `busy`: who has the record open, where the record says so. */
  readonly openedBy?: unknown;
  /** `busy`: since when, where the record says so. */
  readonly openedAt?: unknown;
}
