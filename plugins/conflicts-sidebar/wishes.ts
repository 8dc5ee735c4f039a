import { InputError } from '../../lib/errors';
import { isFields, type Fields } from '../../lib/record/fields';
import { parseExact } from '../../lib/record/json';
import type { Snapshot } from '../../lib/record/snapshot';
import { REVIEW_ACTIONS, type ReviewAction } from '../../lib/review/dead-letter';
import type {
  BulkAction,
  BulkWish,
  ReviewAct,
  ReviewFilter,
  ReviewQuery,
} from '../../lib/review/desk';

/** What somebody sends, member by member. Anything else in it is refused by name. */
type Wish = Readonly<Record<string, unknown>>;
type Reader<Value> = (value: unknown, name: string) => Value;

const MOST_CHOICES = 200;
const MOST_TEXT = 2_000;

/** Query of a list. Throws InputError `REQUEST_INVALID` naming what is wrong. */
export function reviewQuery(query: Wish): ReviewQuery {
  return read(query, {
    ...FILTER,
    skip: whole(0, 1_000_000),
    most: whole(1, 200),
    oldestFirst: flag,
  });
}

/** The same without a part of the list to show. */
export function reviewFilter(query: Wish): ReviewFilter {
  return read(query, FILTER);
}

const FILTER = {
  state: oneOf(['open', 'settled', 'all'] as const),
  outcomes: texts,
  types: texts,
  endpoints: texts,
  record: text(MOST_TEXT),
  before: whole(0, Number.MAX_SAFE_INTEGER),
  since: whole(0, Number.MAX_SAFE_INTEGER),
  text: text(200),
  mayBeWritten: flag,
};

/** What somebody wants done with an entry. Throws InputError `REQUEST_INVALID`. */
export function reviewAct(id: string, by: string, body: unknown): ReviewAct {
  const { action, changes, shown, ...rest } = read(checkBody(body), {
    action: oneOf(REVIEW_ACTIONS),
    revision: whole(0, Number.MAX_SAFE_INTEGER),
    reason: text(1_000),
    changes: json,
    shown: json,
    confirmed: flag,
    baseUrl: text(MOST_TEXT),
  });
  return {
    id,
    by,
    action: needed<ReviewAction>(action, 'action'),
    ...rest,
    ...(changes === undefined ? {} : { changes }),
    ...(shown === undefined ? {} : { shown: snapshot(shown) }),
  };
}

/** What somebody wants done with many. Throws InputError `REQUEST_INVALID`. */
export function bulkWish(by: string, body: unknown): BulkWish {
  const { filter, action, ...rest } = read(checkBody(body), {
    filter: (value, name) => reviewFilter(members(value, name)),
    action: oneOf(['replay', 'ours', 'theirs', 'discard'] as const),
    reason: text(1_000),
    perSecond: rate,
    look: flag,
  });
  return {
    by,
    filter: needed(filter, 'filter'),
    action: needed<BulkAction>(action, 'action'),
    ...rest,
  };
}

/** The plan that somebody confirms. Throws InputError `REQUEST_INVALID`. */
export function planWish(body: unknown): string {
  return needed(read(checkBody(body), { plan: text(200) }).plan, 'plan');
}

/** Members that are there, each as its reader gives it. */
function read<Readers extends Readonly<Record<string, Reader<unknown>>>>(
  wish: Wish,
  readers: Readers,
): { [Name in keyof Readers]?: ReturnType<Readers[Name]> } {
  const unknown = Object.keys(wish).find(name => !Object.hasOwn(readers, name));
  if (unknown !== undefined) {
    throw invalid(`"${unknown}" is not known. Send: ${Object.keys(readers).join(', ')}.`);
  }
  const entries = Object.entries(wish).map(([name, value]) => [name, readers[name]?.(value, name)]);
  return Object.fromEntries(entries) as { [Name in keyof Readers]?: ReturnType<Readers[Name]> };
}

function text(most: number): Reader<string> {
  return (value, name) => {
    if (typeof value === 'string' && value.length <= most) return value;
    throw invalid(`"${name}" must be a text of at most ${String(most)} characters.`);
  };
}

/** One text or several of them. */
function texts(value: unknown, name: string): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const isText = (item: unknown): item is string =>
    typeof item === 'string' && item.length <= MOST_TEXT;
  if (list.length <= MOST_CHOICES && list.every(isText)) return list;
  throw invalid(`"${name}" must be a text, or up to ${String(MOST_CHOICES)} of them.`);
}

/** A query carries digits, a body numbers. */
function whole(least: number, most: number): Reader<number> {
  return (value, name) => {
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if (Number.isSafeInteger(number) && (number as number) >= least && (number as number) <= most) {
      return number as number;
    }
    throw invalid(`"${name}" must be a whole number from ${String(least)} to ${String(most)}.`);
  };
}

function rate(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0.1 && value <= 1_000) return value;
  throw invalid(`"${name}" must be a number from 0.1 to 1000.`);
}

function flag(value: unknown, name: string): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(`"${name}" must be true or false.`);
}

function oneOf<Choice extends string>(choices: readonly Choice[]): Reader<Choice> {
  return (value, name) => {
    const found = choices.find(choice => choice === value);
    if (found !== undefined) return found;
    throw invalid(`"${name}" must be one of ${choices.join(', ')}.`);
  };
}

/** An object as JSON text: in a body that is JSON itself, long numbers would have lost digits. */
function json(value: unknown, name: string): Fields {
  try {
    const parsed: unknown = typeof value === 'string' ? parseExact(value) : undefined;
    if (isFields(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw invalid(`"${name}" must be the JSON text of an object.`);
}

/** What a look had shown, and came back. */
function snapshot(value: Fields): Snapshot {
  const { url, version, values, readAt } = value;
  const isWhole = [url, version, readAt].every(part => typeof part === 'string');
  if (isWhole && isFields(values) && 'key' in value) return value as unknown as Snapshot;
  throw invalid('"shown" must be what the look at the record had answered.');
}

function members(value: unknown, name: string): Wish {
  if (isFields(value)) return value;
  throw invalid(`"${name}" must be an object.`);
}

function needed<Value>(value: Value | undefined, name: string): Value {
  if (value !== undefined) return value;
  throw invalid(`"${name}" is missing.`);
}

function checkBody(body: unknown): Wish {
  if (isFields(body)) return body;
  throw invalid('The request must be a JSON object.');
}

function invalid(message: string): InputError {
  return new InputError('REQUEST_INVALID', message);
}
