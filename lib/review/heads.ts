import { isUnsettled } from '../outcome/outcome';
import { isFields } from '../record/fields';
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
  const { outcome, evidence, isComputed, isAction } = entry;
  const { base, pending } = evidence;
  const isInDoubt = outcome === 'uncertain' || isUnsettled(pending);
  if (!isInDoubt) return false;
  const counts = isComputed || isAction;
  if (action === 'ours') return counts;
  return action === 'replay' && pending === undefined && (counts || base === undefined);
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

/** Undefined: it was written otherwise. */
function readHead(id: string, revision: number, text: string): FoundHead | undefined {
  try {
    const [head, search] = JSON.parse(text) as unknown[];
    if (!isFields(head) || typeof search !== 'string') return undefined;
    const known = { ...head, id, revision } as unknown as ReviewHead;
    return { head: known, search };
  } catch {
    return undefined;
  }
}

/** So many are asked for at once. */
const PAGE = 1_000;

/** The heads of a store as they were looked at last, the one changed last at the end. */
export class Heads {
  readonly all = new Map<string, FoundHead>();
  bytes = 0;
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
        const found = head === undefined ? undefined : readHead(id, revision, head);
        if (found !== undefined) this.all.set(id, found);
      }
      this.place = page.place;
      this.bytes = page.bytes;
      if (!page.isMore) return page.now;
    }
  }
}
