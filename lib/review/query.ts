import { InputError } from '../errors';
import type { FoundHead } from './heads';
import type { ReviewFilter, ReviewHead, ReviewPage, ReviewQuery } from './desk';

const MOST_RECORDS = 200;
const DEFAULT_RECORDS = 50;

/** Heads that a filter holds for, in the order in which they were given. */
export function filtered(heads: Iterable<FoundHead>, filter: ReviewFilter): ReviewHead[] {
  const holds = testOf(filter);
  const found: ReviewHead[] = [];
  for (const one of heads) if (holds(one)) found.push(one.head);
  return found;
}

/** A page of records. @param heads the one changed last at the end */
export function pageOf(heads: readonly FoundHead[], query: ReviewQuery): ReviewPage {
  const { skip = 0, most = DEFAULT_RECORDS, oldestFirst = false } = query;
  checkCount('skip', skip, 0, Number.MAX_SAFE_INTEGER);
  checkCount('most', most, 1, MOST_RECORDS);
  const found = filtered(heads, query);
  const order = oldestFirst ? found : found.reverse();
  const records = new Map<string, ReviewHead[]>();
  for (const head of order) {
    const name = recordName(head);
    const others = records.get(name);
    if (others === undefined) records.set(name, [head]);
    else others.push(head);
  }
  const shown = [...records.values()].slice(skip, skip + most);
  return {
    records: shown.flatMap(group => {
      const [first] = group;
      return first === undefined ? [] : [{ record: first.record, heads: group }];
    }),
    totalRecords: records.size,
    totalEntries: found.length,
    choices: choicesOf(heads, query),
  };
}

/** Entries of one record share it. */
export function recordName({ record, id }: Pick<ReviewHead, 'record' | 'id'>): string {
  if (record.url !== undefined) return record.url;
  return record.key === undefined ? id : `${record.type} ${JSON.stringify(record.key)}`;
}

function choicesOf(heads: readonly FoundHead[], { state }: ReviewFilter): ReviewPage['choices'] {
  const outcomes: Record<string, number> = {};
  const types: Record<string, number> = {};
  const endpoints: Record<string, { name: string; count: number }> = {};
  let mayBeWritten = 0;
  for (const head of filtered(heads, state === undefined ? {} : { state })) {
    outcomes[head.outcome] = (outcomes[head.outcome] ?? 0) + 1;
    if (head.mayBeWritten) mayBeWritten++;
    if (head.record.type !== '') types[head.record.type] = (types[head.record.type] ?? 0) + 1;
    if (head.endpoint === '') continue;
    const endpoint = (endpoints[head.endpoint] ??= { name: head.endpointName, count: 0 });
    endpoint.count++;
  }
  return { outcomes, mayBeWritten, types, endpoints };
}

type Test = (found: FoundHead) => boolean;

/** Only what is asked for is looked at. */
function testOf(filter: ReviewFilter): Test {
  checkFilter(filter);
  const { state = 'open', record, before, since, ids, text = '' } = filter;
  const tests: Test[] = [];
  if (state !== 'all') tests.push(({ head }) => head.state === state);
  const among = (names: readonly string[] = [], nameOf: (found: FoundHead) => string): void => {
    if (names.length > 0) tests.push(found => names.includes(nameOf(found)));
  };
  among(filter.outcomes, ({ head }) => head.outcome);
  among(filter.types, ({ head }) => head.record.type);
  among(filter.endpoints, ({ head }) => head.endpoint);
  if (record !== undefined) tests.push(({ head }) => head.record.url === record);
  if (before !== undefined) tests.push(({ head }) => head.updatedAt < before);
  if (since !== undefined) tests.push(({ head }) => head.updatedAt >= since);
  if (filter.mayBeWritten === true) tests.push(({ head }) => head.mayBeWritten);
  const wanted = ids && new Set(ids);
  if (wanted !== undefined) tests.push(({ head }) => wanted.has(head.id));
  for (const word of text.toLowerCase().split(/\s+/)) {
    if (word !== '') tests.push(({ search }) => search.includes(word));
  }
  return found => tests.every(holds => holds(found));
}

/** What each member of a filter must be: it comes from a message or a browser. */
const MEMBERS: readonly {
  readonly names: readonly string[];
  readonly is: string;
  readonly fits: (value: unknown) => boolean;
}[] = [
  {
    names: ['outcomes', 'types', 'endpoints', 'ids'],
    is: 'an array of texts',
    fits: value => Array.isArray(value) && value.every(one => typeof one === 'string'),
  },
  { names: ['record', 'text'], is: 'a text', fits: value => typeof value === 'string' },
  {
    names: ['before', 'since'],
    is: 'a time in milliseconds since 1970',
    fits: value => typeof value === 'number' && Number.isFinite(value),
  },
  { names: ['mayBeWritten'], is: 'true or false', fits: value => typeof value === 'boolean' },
  {
    names: ['state'],
    is: '"open", "settled" or "all"',
    fits: value => ['open', 'settled', 'all'].some(one => one === value),
  },
];

/** Throws InputError `FILTER_INVALID` naming the member. */
function checkFilter(filter: ReviewFilter): void {
  const given = filter as Readonly<Record<string, unknown>>;
  for (const { names, is, fits } of MEMBERS) {
    const bad = names.find(name => given[name] !== undefined && !fits(given[name]));
    if (bad !== undefined) throw invalid(bad, is);
  }
}

function checkCount(name: string, count: number, least: number, most: number): void {
  if (Number.isSafeInteger(count) && count >= least && count <= most) return;
  throw invalid(name, `a whole number from ${least} to ${most}`);
}

function invalid(name: string, what: string): InputError {
  return new InputError('FILTER_INVALID', `"${name}" of the filter must be ${what}. Correct it.`);
}
