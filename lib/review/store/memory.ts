import { randomUUID } from 'node:crypto';
import type { JournalOwner, Replayed } from '../../coordination/journal/owner';
import type { HeadPage, StoredText, StorePlace, StoreAnswer, StoreChange } from './store';

interface Item {
  readonly revision: number;
  /** Undefined: it has gone, and whoever has seen it is to be told. */
  readonly text: string | undefined;
  readonly head: string;
  readonly bytes: number;
}

/** Of what has gone, so many are told one by one. */
const MOST_GONE = 1_000;

/** `[id, revision, text, head]`, or `[id, revision]` where it has gone. */
type JournalEntry = readonly [id: string, revision: number, text?: string, head?: string];

/** Stands for the latest revision: what has gone must not leave its own to another one. No id is empty. */
const COUNTER = '';

/** What is done, and what saves it. */
export interface Put {
  readonly answer: StoreAnswer;
  readonly entry: JournalEntry | undefined;
}

/** Dead letters in memory, in the order in which they were changed last. */
export class DeadLetterMemory implements JournalOwner {
  readonly kind = 'dead-letters';
  readonly version = 1;
  /** Entries are large, and each is written anew several times. */
  readonly spareEntries = 1_000;
  /** Another one after another process had the file: what was done here before may not be in it. */
  born = randomUUID();
  private items = new Map<string, Item>();
  private revision = 0;
  private entries = 0;
  private bytes = 0;
  /** The last change that is not told of one by one. */
  private floor = 0;

  constructor(private readonly now: () => number) {}

  get(id: string): StoredText {
    const item = this.items.get(id);
    const isThere = item?.text !== undefined;
    return { revision: isThere ? item.revision : 0, text: item?.text, now: this.now() };
  }

  put(change: StoreChange): Put {
    const { id, text, head } = change;
    const kept = this.get(id);
    if (kept.revision !== change.revision)
      return { answer: { kind: 'moved', kept }, entry: undefined };
    if (this.isTooMuch(change)) return { answer: { kind: 'full' }, entry: undefined };
    const revision = this.revision + 1;
    this.set(id, revision, text, head);
    const answer = { kind: 'changed', revision, saved: true, now: kept.now } as const;
    return { answer, entry: text === undefined ? [id, revision] : [id, revision, text, head] };
  }

  heads(after: StorePlace | undefined, most: number): HeadPage {
    const isAnew = after?.born !== this.born || Math.max(after.upTo, after.floor) < this.floor;
    const from = isAnew ? 0 : after.upTo;
    const { found, isMore } = this.changedSince(from, isAnew, most);
    const last = found.at(-1);
    const upTo = isMore && last !== undefined ? last.revision : this.revision;
    return {
      heads: found,
      isAnew,
      isMore,
      place: { upTo, floor: isAnew ? this.floor : after.floor, born: this.born },
      entries: this.entries,
      bytes: this.bytes,
      now: this.now(),
    };
  }

  private changedSince(
    from: number,
    isAnew: boolean,
    most: number,
  ): { readonly found: HeadPage['heads'][number][]; readonly isMore: boolean } {
    const found: HeadPage['heads'][number][] = [];
    if (from >= this.revision) return { found, isMore: false };
    for (const [id, { revision, text, head }] of this.items) {
      const isGone = text === undefined;
      if (revision <= from || (isAnew && isGone)) continue;
      if (found.length === most) return { found, isMore: true };
      found.push({ id, revision, head: isGone ? undefined : head });
    }
    return { found, isMore: false };
  }

  onLoading(): void {
    this.items = new Map();
    this.revision = this.entries = this.bytes = this.floor = 0;
    this.born = randomUUID();
  }

  replay(given: unknown): Replayed {
    if (!Array.isArray(given)) return 'unknown';
    const [id, revision, text, head] = given as readonly unknown[];
    if (typeof id !== 'string' || !Number.isSafeInteger(revision)) return 'unknown';
    if (text !== undefined && (typeof text !== 'string' || typeof head !== 'string'))
      return 'unknown';
    if (id === COUNTER) {
      this.revision = Math.max(this.revision, revision as number);
      return 'used';
    }
    // An entry may be written that the snapshot before it holds already.
    if ((revision as number) < (this.items.get(id)?.revision ?? 0)) return 'used';
    this.set(id, revision as number, text, typeof head === 'string' ? head : '');
    return 'used';
  }

  *living(): Generator<JournalEntry> {
    yield [COUNTER, this.revision];
    for (const [id, { revision, text, head }] of this.items) {
      if (text !== undefined) yield [id, revision, text, head];
    }
  }

  count(): number {
    return this.entries + 1;
  }

  private isTooMuch({ id, text, head, limits }: StoreChange): boolean {
    if (limits === undefined || text === undefined) return false;
    const before = this.items.get(id);
    const isThere = before?.text !== undefined;
    const more = bytesOf(text, head) - (before?.bytes ?? 0);
    if (!isThere && this.entries >= limits.entries) return true;
    return more > 0 && this.bytes + more > limits.bytes;
  }

  private set(id: string, revision: number, text: string | undefined, head: string): void {
    const before = this.items.get(id);
    const bytes = text === undefined ? 0 : bytesOf(text, head);
    this.bytes += bytes - (before?.bytes ?? 0);
    this.entries += Number(text !== undefined) - Number(before?.text !== undefined);
    // What changed last is at the end.
    this.items.delete(id);
    this.items.set(id, { revision, text, head: text === undefined ? '' : head, bytes });
    this.revision = Math.max(this.revision, revision);
    if (this.items.size - this.entries > MOST_GONE) this.forgetGone();
  }

  private forgetGone(): void {
    for (const [id, { text }] of this.items) {
      if (text === undefined) this.items.delete(id);
    }
    this.floor = this.revision;
  }
}

export function bytesOf(text: string, head: string): number {
  return Buffer.byteLength(text) + Buffer.byteLength(head);
}
