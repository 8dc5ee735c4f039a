/**
 * The transitions of work orders, written down once more: the judge of a run shares no code and no
 * data with what it judges.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const TRANSITIONS = {
  Released: ['In Progress', 'Cancelled'],
  'In Progress': ['Complete', 'On Hold', 'Rework'],
  'On Hold': ['In Progress'],
  Rework: ['In Progress'],
  Complete: ['Closed'],
  Closed: [],
  Cancelled: [],
};

/**
 * The statuses that may follow; to stay is no transition.
 * @param {unknown} from
 */
export const nextOf = from => TRANSITIONS[String(from)] ?? [];

/** @param {unknown} from @param {unknown} to */
export const isTransition = (from, to) => nextOf(from).includes(String(to));
