/** @typedef {import('./types.mjs').Change} Change */

/**
 * What a work order was after one change.
 * @typedef {object} Moment
 * @property {Change} change
 * @property {number} at milliseconds since the epoch
 * @property {Readonly<Record<string, unknown>>} values every field that a change named; null: empty
 */

/** The states of one work order, replayed from its history. */
export class Timeline {
  /** @type {readonly Moment[]} */
  moments;

  /** @param {readonly Change[]} history oldest first, from the creation of the record */
  constructor(history) {
    /** @type {Moment[]} */
    const moments = [];
    for (const change of history) moments.push(after(moments.at(-1), change));
    this.moments = moments;
  }

  /** @param {string} version as the ETag spells it @returns {Moment | undefined} */
  atVersion(version) {
    return this.moments.find(({ change }) => change.version === version);
  }

  /**
   * What the work order was at a time, all changes of that millisecond made.
   * @param {number} time milliseconds since the epoch
   * @returns {Moment['values']} empty: it was not there yet
   */
  valuesAt(time) {
    return this.moments.findLast(({ at }) => at <= time)?.values ?? {};
  }

  /** Each change of ours with what the work order was before it; nothing where it created it. */
  ourSteps() {
    return this.moments
      .map((moment, index) => ({ before: this.moments[index - 1]?.values ?? {}, moment }))
      .filter(({ moment }) => moment.change.by === 'api');
  }
}

/** @param {Moment | undefined} before @param {Change} change @returns {Moment} */
const after = (before, change) => ({
  change,
  at: Date.parse(change.at),
  values: { ...before?.values, ...valuesIn(change) },
});

/** @param {Change} change */
const valuesIn = ({ fields }) =>
  Object.fromEntries(Object.entries(fields).map(([name, { after: value }]) => [name, value]));
