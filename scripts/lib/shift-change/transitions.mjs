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
 * Whether a work order may go from one status to the other, or stay.
 * @param {unknown} from @param {unknown} to
 */
export const mayBecome = (from, to) =>
  from === to || (TRANSITIONS[String(from)] ?? []).includes(String(to));
