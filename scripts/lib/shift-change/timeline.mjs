/** @typedef {import('./types.mjs').Change} Change */

/**
 * What a work order was after one change.
 * @typedef {object} Moment
 * @property {Change} change
 * @property {number} at milliseconds since the epoch
 * @property {number} until when the next change came; Infinity: it is like that still
 * @property {Change['by'] | undefined} endedBy who made the next change
 * @property {unknown} status
 * @property {unknown} openedBy null: nobody has it open
 */

/** The states of one work order, replayed from its history. */
export class Timeline {
  /** @type {readonly Moment[]} */
  moments;

  /** @param {readonly Change[]} history oldest first, from the creation of the record */
  constructor(history) {
    /** @type {Moment[]} */
    const moments = [];
    for (const [index, change] of history.entries()) {
      moments.push(after(moments.at(-1), change, history[index + 1]));
    }
    this.moments = moments;
  }

  /** @param {string} version as the ETag spells it @returns {Moment | undefined} */
  atVersion(version) {
    return this.moments.find(({ change }) => change.version === version);
  }

  /**
   * All that the work order was in a stretch of time, both ends included.
   * @param {number} from @param {number} to
   */
  between(from, to) {
    return this.moments.filter(({ at, until }) => at <= to && until >= from);
  }

  /** Each change with what the work order was before it. */
  steps() {
    return this.moments.map((moment, index) => ({ before: this.moments[index - 1], moment }));
  }
}

/**
 * @param {Moment | undefined} before @param {Change} change @param {Change | undefined} next
 * @returns {Moment}
 */
const after = (before, change, next) => ({
  change,
  at: Date.parse(change.at),
  until: next === undefined ? Infinity : Date.parse(next.at),
  endedBy: next?.by,
  status: valueAfter(change, 'status', before?.status),
  openedBy: valueAfter(change, 'openedBy', before?.openedBy ?? null),
});

/** @param {Change} change @param {string} name @param {unknown} otherwise */
const valueAfter = ({ fields }, name, otherwise) =>
  fields[name] === undefined ? otherwise : fields[name].after;
