import { isUnsettled } from '../outcome/outcome';
import { isFields, type Fields } from '../record/fields';
import type { DeadLetter, ReviewAction } from './dead-letter';
import type { ReviewHead } from './desk';
import type { DeadLetterStore, StorePlace } from './store/store';

/** A head with what is searched in it. */
export interface FoundHead {
  readonly head: ReviewHead;
  /** In lower case. */
  readonly search: string;
}

const MOST_MESSAGE = 200;
const MOST_NAMES = 20;
const MOST_SEARCHED = 1_000;
const MOST_VALUE = 60;

/** What a store keeps beside the text of an entry, to list it without reading it. */
export function headText(entry: DeadLetter): string {
  const { state, record, outcome, failures, attempts, createdAt, updatedAt, settled } = entry;
  const head: Omit<ReviewHead, 'id' | 'revision'> = {
    state,
    record,
    ...placesOf(entry),
    outcome,
    ...errorOf(entry),
    fields: namesOf(entry),
    failures,
    attempts,
    createdAt,
    updatedAt,
    claim: claimOf(entry),
    settled,
    mayBeWritten: isInDoubt(entry),
    asksFirst: asksFirst(entry, 'replay') || asksFirst(entry, 'ours'),
    leftOut: entry.leftOut.length,
  };
  return JSON.stringify([head, searchText(entry)]);
}

type Part<Name extends keyof ReviewHead> = Pick<ReviewHead, Name>;

function placesOf({ endpoint, source }: DeadLetter): Part<'endpoint' | 'endpointName' | 'source'> {
  const { node = '', name = '' } = endpoint ?? {};
  return { endpoint: node, endpointName: name, source: source?.name ?? '' };
}

function errorOf({ error }: DeadLetter): Part<'code' | 'message'> {
  const { code = '', message = '' } = error ?? {};
  return { code, message: message.slice(0, MOST_MESSAGE) };
}

function namesOf({ fields }: DeadLetter): string[] {
  const collided = fields.filter(({ conflicting }) => conflicting);
  const named = collided.length > 0 ? collided : fields;
  return named.slice(0, MOST_NAMES).map(({ name }) => name);
}

function claimOf({ claim }: DeadLetter): ReviewHead['claim'] {
  return claim && { by: claim.by, action: claim.action, until: claim.until };
}

/**
 * Whether an earlier write may be in place that this would do once more: of changes that count, and where nothing is
 * known that it could be judged by.
 */
export function asksFirst(entry: DeadLetter, action: ReviewAction): boolean {
  const { evidence, isComputed, isAction } = entry;
  const { base, pending } = evidence;
  if (!isInDoubt(entry)) return false;
  const counts = isComputed || isAction;
  if (action === 'ours') return counts;
  return action === 'replay' && pending === undefined && (counts || base === undefined);
}

/** Whether a write of it may be in place that nobody was told of. */
function isInDoubt({ outcome, evidence }: DeadLetter): boolean {
  return outcome === 'uncertain' || isUnsettled(evidence.pending);
}

function searchText({ record, error, outcome, fields, endpoint, source }: DeadLetter): string {
  const values = fields.flatMap(({ name, base, ours, theirs }) => [name, base, ours, theirs]);
  const parts = [
    record.key,
    record.type,
    outcome,
    error?.code,
    error?.message.slice(0, MOST_MESSAGE),
    endpoint?.name,
    source?.name,
    ...values,
  ];
  return parts.map(shown).join(' ').slice(0, MOST_SEARCHED).toLowerCase();
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MOST_VALUE);
}

/** What somebody else has changed, or a later version wrote, must not be missing from the list. */
function readHead(id: string, revision: number, text: string, now: number): FoundHead {
  const [head, search] = parsedList(text);
  if (!isHead(head) || typeof search !== 'string') return unreadableHead(id, revision, now);
  // An earlier version did not say it.
  const mayBeWritten = head.outcome === 'uncertain';
  const known = { mayBeWritten, ...head, id, revision } as unknown as ReviewHead;
  return { head: known, search };
}

function parsedList(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** Whoever lists and searches reads these. */
function isHead(head: unknown): head is Fields {
  if (!isFields(head)) return false;
  const { state, record, outcome, fields, createdAt, updatedAt } = head;
  return (
    typeof state === 'string' &&
    isFields(record) &&
    typeof outcome === 'string' &&
    Array.isArray(fields) &&
    typeof createdAt === 'number' &&
    typeof updatedAt === 'number'
  );
}

/** Its text may be all right: who opens it is told, and nothing of it is done without a person. It does not grow old. */
function unreadableHead(id: string, revision: number, now: number): FoundHead {
  const code = 'ENTRY_DAMAGED';
  const message = `What the list keeps of the dead letter ${id} cannot be read: another program has changed it in the store.`;
  const head: ReviewHead = {
    id,
    revision,
    state: 'open',
    record: { key: undefined, url: undefined, type: '' },
    endpoint: '',
    endpointName: '',
    source: '',
    outcome: 'uncertain',
    code,
    message,
    fields: [],
    failures: 1,
    attempts: 0,
    createdAt: now,
    updatedAt: now,
    claim: undefined,
    settled: undefined,
    mayBeWritten: true,
    asksFirst: true,
    leftOut: 0,
  };
  return { head, search: `${code} ${message}`.toLowerCase() };
}

/** So many are asked for at once. */
const PAGE = 1_000;

/** The heads of a store as they were looked at last, the one changed last at the end. */
export class Heads {
  readonly all = new Map<string, FoundHead>();
  bytes = 0;
  /** Clock of the store at the latest look, milliseconds since the epoch. */
  now = 0;
  /** Another one after each look that found something. */
  turn = 0;
  private place: StorePlace | undefined;
  private looking: Promise<number> | undefined;

  constructor(private readonly store: DeadLetterStore) {}

  /** Looks for what has changed. Returns the clock of the store. */
  look(): Promise<number> {
    return (this.looking ??= this.catchUp().finally(() => {
      this.looking = undefined;
    }));
  }

  private async catchUp(): Promise<number> {
    for (;;) {
      const page = await this.store.heads(this.place, PAGE);
      if (page.isAnew) this.all.clear();
      for (const { id, revision, head } of page.heads) {
        this.all.delete(id);
        if (head !== undefined) this.all.set(id, readHead(id, revision, head, page.now));
      }
      if (page.isAnew || page.heads.length > 0) this.turn++;
      this.place = page.place;
      this.bytes = page.bytes;
      this.now = page.now;
      if (!page.isMore) return page.now;
    }
  }
}
