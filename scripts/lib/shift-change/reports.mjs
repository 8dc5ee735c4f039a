/** @typedef {import('./types.mjs').EventReport} EventReport */

const DONE = ['updated', 'unchanged', 'already-applied'];

/** Ends that leave open whether the event had an effect. */
const OPEN = ['uncertain', 'error'];

/** Ends after which a tried event is remembered; after another one it may come again. */
export const REMEMBERED = [...DONE, 'conflict', 'invalid-state', 'rejected', 'uncertain'];

/** @param {EventReport} report */
export const isDuplicate = ({ end }) => end === 'duplicate';

/** @param {EventReport} report */
export const isDone = ({ end }) => DONE.includes(end);

/** @param {EventReport} report */
export const isOpen = ({ end }) => OPEN.includes(end);

/** Somebody has to look at it. @param {EventReport} report */
export const needsPerson = report => !isDuplicate(report) && !isDone(report);

/** Milliseconds since the epoch. @param {EventReport} report */
export const endOf = ({ arrivedAt, ms }) => arrivedAt + ms;

/**
 * @template T
 * @param {readonly T[]} list
 * @param {(entry: T) => string} keyOf
 * @returns {Map<string, T[]>}
 */
export function groupBy(list, keyOf) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const entry of list) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}
