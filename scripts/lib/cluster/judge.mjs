// What the API remembers of a load, against what was accepted.

/** @typedef {import('./load.mjs').Update} Update */
/** @typedef {{ readonly fields: Record<string, { readonly after: unknown }> }} Change */

/**
 * Whether every field of an order ended with the newest update that named it, and never went back to an older one.
 * @param {readonly Update[]} updates of one order, all of them accepted
 * @param {readonly Change[]} history oldest first
 * @returns {string[]} what is wrong, in words
 */
export function faultsIn(updates, history) {
  const names = [...new Set(updates.flatMap(({ changes }) => Object.keys(changes)))];
  return names.flatMap(name => faultsOfField(name, updates, history));
}

/** @param {string} name @param {readonly Update[]} updates @param {readonly Change[]} history */
function faultsOfField(name, updates, history) {
  const naming = updates.filter(({ changes }) => name in changes);
  const newest = naming.reduce((a, b) => (b.at > a.at ? b : a));
  const places = new Map(naming.map(({ changes, at }) => [changes[name], at]));
  const written = history.flatMap(({ fields }) => {
    const at = places.get(fields[name]?.after);
    return at === undefined ? [] : [at];
  });
  const faults = [];
  if (written.at(-1) !== newest.at)
    faults.push(`${name} of ${newest.order} is not ${String(newest.changes[name])}`);
  if (written.some((at, n) => n > 0 && at < (written[n - 1] ?? 0))) {
    faults.push(`${name} of ${newest.order} went back to an older value`);
  }
  return faults;
}

/**
 * How often one value was written more than once.
 * @param {readonly Update[]} updates @param {readonly Change[]} history
 */
export function repeated(updates, history) {
  const values = updates.flatMap(({ changes }) => Object.entries(changes));
  return values.filter(
    ([name, value]) => history.filter(({ fields }) => fields[name]?.after === value).length > 1,
  ).length;
}
