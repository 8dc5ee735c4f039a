// What must not happen at a shift change.
import * as told from './told-rules.mjs';
import * as written from './written-rules.mjs';

/** A rule's breaches of one work order, each in words. @typedef {(order: import('./types.mjs').OrderCase) => string[]} Rule */
/** @typedef {keyof typeof RULES} FaultKind */

export const RULES = {
  /** Deliveries that no report tells about, and events that nobody tried to carry out. */
  missing: told.missing,
  /** Reports of deliveries that no machine made. */
  invented: told.invented,
  /** Events that are in the history more than once: a duplicate had an effect. */
  doubled: written.doubled,
  /** Events reported as done that the history does not know. */
  lost: told.lost,
  /** Events in the history of which the flow said that nothing was written. */
  misreported: told.misreported,
  /** Changes of ours that are not what an event of this order asks for. */
  unasked: written.unasked,
  /** Events that were tried again although the first try was still running, or is remembered. */
  triedAgain: told.triedAgain,
  /** Events of which a duplicate was dropped for good before they had their effect. */
  confirmedEarly: told.confirmedEarly,
  /** Requests for a transition that is not allowed from the state at the version they name. */
  invalidWrites: written.invalidWrites,
  /** Transitions of ours in the history that are not allowed. */
  ourInvalidTransitions: written.ourInvalidTransitions,
  /** Transitions of ours by an event that is older than the state it ended. */
  late: written.late,
  /** Values that operators gave while an event was on its way, and that it overwrote. */
  overwritten: written.overwritten,
  /** Changes of ours while an operator had the work order open. */
  whileOpen: written.whileOpen,
  /** Events for a person whose reason or difference is missing, or is not what the history shows. */
  withoutReason: told.withoutReason,
};
