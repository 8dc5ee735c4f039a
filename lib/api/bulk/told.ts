import { hasSucceeded, type Answer } from '../../outcome/answer';
import type { BatchAnswer, MemberAnswer } from './bulk-api';

/** What one answer inside a batch answer says. */
export interface Told {
  /** Of the member that it is about; undefined: it names none. */
  readonly id: string | undefined;
  /** Undefined: unreadable. */
  readonly answer: Answer | undefined;
}

/** What a batch answer says, before anybody knows of whom. */
export interface BatchTold {
  /** By the places of the requests: a change set is one place, with several answers or one for all. */
  readonly places: readonly (readonly Told[])[];
  /** Whether nothing of it was cut off or is elsewhere. */
  readonly isComplete: boolean;
  /** The protocol wants the places in the order of the requests (OData 4.01 part 1, section 11.7.7.5). */
  readonly hasOrder: boolean;
  /** It knows no ids that an answer would have to repeat: OData V2. */
  readonly isWithoutIds: boolean;
  /** Whether the API may stop at the first error. */
  readonly mayStop: boolean;
}

/** The id of the member at a place. Text, as JSON batches want it. */
export function idAt(place: number): string {
  return String(place + 1);
}

const UNTOLD: MemberAnswer = { kind: 'untold' };
const NEVER_RAN: MemberAnswer = { kind: 'never-ran' };

/** What it says of each of `count` members, each a place of its own. */
export function toldOfEach(told: BatchTold, count: number): readonly MemberAnswer[] {
  const answers = byId(told, count);
  // Nearly always: where each id has come once, places have nothing to add.
  const isAll = answers.size === count;
  if (!isAll) for (const [place, answer] of byPlace(told, count)) answers.set(place, answer);
  const ranUpTo = isAll ? count : stoppedAfter(told, count);
  return Array.from({ length: count }, (_, place) => {
    const answer = answers.get(place);
    if (answer !== undefined) return { kind: 'answer', answer };
    return place >= ranUpTo ? NEVER_RAN : UNTOLD;
  });
}

/** An id that comes twice says nothing: one of both answers is another's. */
function byId({ places }: BatchTold, count: number): Map<number, Answer> {
  const found = new Map<number, Answer>();
  const seen = new Set<number>();
  for (const { id, answer } of places.flat()) {
    const place = placeOf(id, count);
    if (place === undefined) continue;
    if (answer !== undefined && !seen.has(place)) found.set(place, answer);
    else found.delete(place);
    seen.add(place);
  }
  return found;
}

/**
 * A change set that failed is answered by one part, and not every server repeats the id in it. Its place tells whose it
 * is only where everything else in the answer proves the order.
 */
function byPlace(told: BatchTold, count: number): ReadonlyMap<number, Answer> {
  const singles = told.isComplete ? singlesOf(told) : undefined;
  if (singles === undefined) return NOBODY;
  if (singles.length === count && isLastOpen(singles, count)) return eliminated(singles, count);
  const isAll = singles.length === count || stoppedAfter(told, count) < count;
  return isAll && told.hasOrder && isInOrder(singles) ? inOrder(told, singles, count) : NOBODY;
}

const NOBODY: ReadonlyMap<number, Answer> = new Map();

/** Answers without an id by their places, where that is proven. A success without one is nobody's but in V2. */
function inOrder(
  { isWithoutIds }: BatchTold,
  singles: readonly Told[],
  count: number,
): Map<number, Answer> {
  const bare = singles.filter(({ id }) => id === undefined);
  const isProven = singles.length < count || bare.length < singles.length || areEqual(bare);
  const isHis = (answer: Answer): boolean =>
    isWithoutIds || count === 1 || (isProven && hasFailed(answer));
  const found = new Map<number, Answer>();
  singles.forEach(({ id, answer }, place) => {
    if (id === undefined && answer !== undefined && isHis(answer)) found.set(place, answer);
  });
  return found;
}

/**
 * What it says of single reads, which are in no change set. Multipart answers to them need no ids, but have to be
 * complete and in order.
 */
export function toldOfReads(told: BatchTold, count: number): Map<number, Answer> {
  const found = byId(told, count);
  const singles = told.isComplete && told.hasOrder ? singlesOf(told) : undefined;
  if (singles?.length !== count || !isInOrder(singles)) return found;
  singles.forEach(({ answer }, place) => {
    if (answer !== undefined) found.set(place, answer);
  });
  return found;
}

/** One answer in each place; undefined when a place holds none or several. */
function singlesOf({ places }: BatchTold): Told[] | undefined {
  const singles = places.flatMap(place => (place.length === 1 ? place : []));
  return singles.length === places.length ? singles : undefined;
}

/** Whether every id stands where it was sent. */
function isInOrder(singles: readonly Told[]): boolean {
  return singles.every(({ id }, place) => id === undefined || id === idAt(place));
}

/** Whether all ids but one are there, each once: what is left is about the last. */
function isLastOpen(singles: readonly Told[], count: number): boolean {
  const named = singles.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const known = new Set(named.filter(id => placeOf(id, count) !== undefined));
  return named.length === count - 1 && known.size === count - 1 && count > 1;
}

function eliminated(singles: readonly Told[], count: number): Map<number, Answer> {
  const answer = singles.find(({ id }) => id === undefined)?.answer;
  const named = new Set(singles.map(({ id }) => id));
  const open = Array.from({ length: count }, (_, place) => place).find(
    place => !named.has(idAt(place)),
  );
  const isTold = open !== undefined && answer !== undefined && hasFailed(answer);
  return new Map(isTold ? [[open, answer]] : []);
}

/** Equal refusals are everybody's, in whatever order. */
function areEqual(bare: readonly Told[]): boolean {
  const [first] = bare;
  return bare.every(
    ({ answer }) =>
      answer !== undefined &&
      answer.status === first?.answer?.status &&
      answer.text === first.answer.text,
  );
}

/**
 * How many members ran before the API stopped at an error; all, unless the answer proves it: successes in the order of
 * the requests, the only error behind them, and nothing more.
 */
function stoppedAfter(told: BatchTold, count: number): number {
  const singles = told.mayStop && told.isComplete ? singlesOf(told) : undefined;
  if (singles === undefined || singles.length >= count) return count;
  const sorted = told.hasOrder ? singles : [...singles].sort((a, b) => Number(a.id) - Number(b.id));
  const isProven = isInOrder(sorted) && isError(sorted.at(-1), told);
  return isProven && sorted.slice(0, -1).every(one => hasRun(one, told)) ? sorted.length : count;
}

function isError(one: Told | undefined, { hasOrder }: BatchTold): boolean {
  const isNamed = hasOrder || one?.id !== undefined;
  return isNamed && one?.answer !== undefined && hasFailed(one.answer);
}

function hasRun({ id, answer }: Told, { isWithoutIds }: BatchTold): boolean {
  return answer !== undefined && !hasFailed(answer) && (id !== undefined || isWithoutIds);
}

/**
 * What it says of `count` members of one change set. Any failure is the failure of all, whatever the others show: some
 * servers repeat the successes that were rolled back. So only an answer that shows all of them tells of any.
 */
export function toldOfGroup(told: BatchTold, count: number): BatchAnswer {
  const all = told.places.flat();
  const failed = all.flatMap(({ id, answer }) =>
    answer !== undefined && hasFailed(answer) ? [{ id, answer }] : [],
  );
  const cause = failed.find(({ answer }) => answer.status !== COLLATERAL) ?? failed[0];
  if (cause !== undefined) {
    const isOnly = all.filter(({ id }) => id === cause.id).length === 1;
    const place = cause.id === undefined && count === 1 ? 0 : placeOf(cause.id, count);
    return { kind: 'rolled-back', cause: isOnly ? place : undefined, answer: cause.answer };
  }
  const found = told.isComplete ? wholeGroup(told, all, count) : new Map<number, Answer>();
  const members = Array.from({ length: count }, (_, place): MemberAnswer => {
    const answer = found.get(place);
    return found.size === count && answer !== undefined ? { kind: 'answer', answer } : UNTOLD;
  });
  return { kind: 'members', members };
}

/** Failed Dependency (RFC 4918): because of another member. */
const COLLATERAL = 424;

function wholeGroup(told: BatchTold, all: readonly Told[], count: number): Map<number, Answer> {
  const answers = all.flatMap(({ answer }) =>
    answer !== undefined && hasSucceeded(answer) ? [answer] : [],
  );
  if (all.length !== count || answers.length !== count) return new Map();
  const isByPlace = told.isWithoutIds && isInOrder(all);
  return isByPlace ? new Map(answers.entries()) : byId(told, count);
}

/** Where the member with this id stood; undefined for an id that nobody was given. */
export function placeOf(id: string | undefined, count: number): number | undefined {
  const place = Number(id) - 1;
  return Number.isInteger(place) && place >= 0 && place < count && id === idAt(place)
    ? place
    : undefined;
}

export function hasFailed({ status }: Answer): boolean {
  return status >= 400;
}
