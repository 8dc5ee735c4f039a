import { DONE_OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import type { Change } from '../../sandbox/records/journal';

/** What the history of the records proves about a list. */
export interface ListVerdict {
  /** Records reported as updated whose history does not show it. */
  readonly lost: number;
  /** Written more than once. */
  readonly duplicated: number;
  /** Written although the flow was told that nothing was. */
  readonly misreported: number;
  /** Written over what an operator had saved meanwhile. */
  readonly overwritten: number;
}

/** One record of the list. */
export interface Reported {
  readonly outcome: Outcome;
  /** Since the list began, oldest first. */
  readonly history: readonly Change[];
}

/** @param isOurs whether a change was made by the list */
export function judgeList(
  records: readonly Reported[],
  isOurs: (change: Change) => boolean,
): ListVerdict {
  const seen = records.map(({ outcome, history }) => {
    const places = history.flatMap((change, place) => (isOurs(change) ? [place] : []));
    const isAfterOperator = history.slice(0, places.at(-1)).some(({ by }) => by === 'operator');
    return { outcome, times: places.length, isOver: places.length > 0 && isAfterOperator };
  });
  const count = (test: (record: (typeof seen)[number]) => boolean): number =>
    seen.filter(test).length;
  return {
    lost: count(({ outcome, times }) => outcome === 'updated' && times === 0),
    duplicated: count(({ times }) => times > 1),
    misreported: count(({ outcome, times }) => !mayBeWritten(outcome) && times > 0),
    overwritten: count(({ isOver }) => isOver),
  };
}

/** An update in doubt may have been written, and nobody was told otherwise. */
function mayBeWritten(outcome: Outcome): boolean {
  return outcome === 'uncertain' || DONE_OUTCOMES.includes(outcome);
}
