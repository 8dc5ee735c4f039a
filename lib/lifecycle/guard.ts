import type { State, StateMachine } from './machine';

/** When a record counts as open in an operator's terminal. */
export interface OpenRule {
  /** `any`: whoever has it open. `other`: somebody other than `ours`. `newer`: opened less than `minutes` ago. */
  readonly rule: 'any' | 'other' | 'newer';
  /** Field that names who has the record open. Always there for `any` and `other`. */
  readonly byField?: string;
  /** Field with the time since when. Always there for `newer`. */
  readonly atField?: string;
  /** Only with `other`. */
  readonly ours?: string;
  /** Only with `newer`. */
  readonly minutes?: number;
}

/**
 * A transition that was allowed, as it travels in `msg.guard`: everything that is needed to judge it again on another
 * state of the record. Plain data.
 */
export interface TransitionGuard {
  /** Of the record it was judged for. */
  readonly url: string;
  /** Field that holds the status. */
  readonly field: string;
  /** The state the decision was made on. */
  readonly from: State;
  readonly to: State;
  /** ISO 8601 time of the event that asked for it. */
  readonly eventAt?: string;
  /** Field with the time since when the record is in its present state: an older event comes late. */
  readonly sinceField?: string;
  /** A transition of ours has brought the record into its present state. Events are compared with its event. */
  readonly own?: OwnEvent;
  readonly machine: StateMachine;
  readonly open?: OpenRule;
  /** A field that the record does not show counts as empty, not as unknown. */
  readonly missingMeansEmpty?: true;
}

/** The event of a transition of ours, and how to tell that nobody has set the state since. Plain data. */
export interface OwnEvent {
  /** What the field with the time shows as long as that is so. */
  readonly since: string | number;
  /** ISO 8601. */
  readonly eventAt: string;
}

/** What a transition is judged on. */
export interface Circumstances {
  /** What the record holds. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is to be written; undefined where that is not known yet: required fields are not looked at then. */
  readonly changes: Readonly<Record<string, unknown>> | undefined;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: number;
}

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

/** A refusal together with the sentence that explains it. */
export interface Refused {
  readonly refusal: Refusal;
  /** Stable: `INVALID_TRANSITION`, `STATE_MOVED`, `EVENT_LATE`, `FIELDS_MISSING`, `RECORD_OPEN`, `STATE_UNKNOWN`. */
  readonly code: string;
  /** For people: names the field and the fix. */
  readonly message: string;
}
