import { InputError } from '../errors';
import { readEntryText } from './codec';
import type { DeadLetter, StoredDeadLetter } from './dead-letter';
import { fitted } from './fit';
import { headText, type Heads } from './heads';
import type { DeadLetterStore, StoreAnswer } from './store/store';

/** How much is kept, whatever its state. */
export interface LettersBudget {
  readonly entries: number;
  readonly bytes: number;
  /** Of one entry. */
  readonly entryBytes: number;
}

/** Whatever an entry becomes, it is written: it may be more by that than a new one could be. */
const ROOM_FOR_CHANGES = 1.25;

/** What is left of settled entries to make room for others. */
export type Evicted = (entry: Pick<StoredDeadLetter, 'revision'> & { readonly id: string }) => void;

/** @param now clock of the store */
type Decide = (stored: StoredDeadLetter | undefined, now: number) => DeadLetter | undefined;

/** The entries of one list: each change is decided on what is stored, and decided again where that was another's. */
export class Letters {
  constructor(
    private readonly store: DeadLetterStore,
    private readonly heads: Heads,
    private readonly budget: LettersBudget,
    private readonly onEvicted: Evicted,
  ) {}

  /** @returns `now`: clock of the store */
  async get(
    id: string,
  ): Promise<{ readonly stored: StoredDeadLetter | undefined; readonly now: number }> {
    const { revision, text, now } = await this.store.get(id);
    if (text === undefined) return { stored: undefined, now };
    return { stored: { entry: readEntryText(id, text), revision }, now };
  }

  /**
   * Puts what is decided on the entry as it is stored. Undefined, also as the decision: it stays as it is. Rejects with
   * InputError `REVIEW_FULL` where there is no room for a further one.
   */
  async change(id: string, decide: Decide): Promise<Changed | undefined> {
    for (;;) {
      const { stored, now } = await this.get(id);
      const decided = decide(stored, now);
      if (decided === undefined) return undefined;
      const { entry, text } = fitted(decided, this.budget.entryBytes);
      const answer = await this.put(entry, text, stored?.revision ?? 0);
      if (answer.kind === 'full') throw this.full();
      if (answer.kind === 'moved') continue;
      return { entry, revision: answer.revision, isNew: stored === undefined, saved: answer.saved };
    }
  }

  /** Takes away what is there at that revision. */
  async remove(id: string, revision: number): Promise<boolean> {
    const change = { id, revision, text: undefined, head: '', limits: undefined };
    return (await this.store.put(change)).kind === 'changed';
  }

  private async put(entry: DeadLetter, text: string, revision: number): Promise<StoreAnswer> {
    const { id } = entry;
    const { entries, bytes } = this.budget;
    const most = revision === 0 ? bytes : Math.floor(bytes * ROOM_FOR_CHANGES);
    const limits = { entries, bytes: most };
    const change = { id, revision, text, head: headText(entry), limits };
    for (;;) {
      const answer = await this.store.put(change);
      if (answer.kind !== 'full' || !(await this.makeRoom())) return answer;
    }
  }

  /** The oldest settled entry goes before its time. False: there is none. */
  private async makeRoom(): Promise<boolean> {
    await this.heads.look();
    for (const { head } of this.heads.all.values()) {
      if (head.state !== 'settled') continue;
      // Where somebody else has taken it away, there may be room as well.
      if (await this.remove(head.id, head.revision)) this.onEvicted(head);
      return true;
    }
    return false;
  }

  private full(): InputError {
    const { entries, bytes } = this.budget;
    return new InputError(
      'REVIEW_FULL',
      `The list of dead letters is full: ${entries} entries or ${Math.round(bytes / 1_000_000)} MB, all of them open. Nothing was left out of it and nothing was taken in. Settle entries (replay, take theirs or discard them), or raise the limits in the dead-letter node, and send this message again.`,
    );
  }
}

export interface Changed extends StoredDeadLetter {
  readonly isNew: boolean;
  /** False: it could not be written, and is lost when this process ends before a later change is. */
  readonly saved: boolean;
}
