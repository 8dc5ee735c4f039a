import { InputError } from '../errors';
import type { Fields } from '../record/fields';
import type { SetTimer, Time } from '../retry/time';
import { expired, isClaimed, isRun, actRefusal, refuse, settledWithout } from './acts';
import { ActRuns } from './act-runs';
import { arrived, idOf, type ArrivedUpdate } from './arrive';
import { BulkActs } from './bulk-acts';
import type { DeadLetter, StoredDeadLetter } from './dead-letter';
import type {
  ActResult,
  BulkPlan,
  BulkProgress,
  BulkWish,
  RefusedAct,
  ReviewAct,
  ReviewCounts,
  ReviewDesk,
  ReviewLook,
  ReviewPage,
  ReviewQuery,
} from './desk';
import { Heads } from './heads';
import { Letters, type Changed, type Evicted, type LettersBudget } from './letters';
import { pageOf, recordName } from './query';
import { isAllThere, isStillSame, shownIn, withTheirs } from './review-fields';
import type { PreparedReview, ReviewRunner } from './runner';
import type { DeadLetterStore } from './store/store';
import { Telling } from './telling';

export interface ReviewSettings extends LettersBudget {
  /** Settled entries go after that time. Milliseconds. */
  readonly keepSettledMs: number;
  /** Open ones that nobody has done anything with become settled as expired. Milliseconds. */
  readonly keepOpenMs: number;
}

export interface ReviewOptions {
  readonly store: DeadLetterStore;
  readonly runner: ReviewRunner;
  readonly settings: ReviewSettings;
  readonly time: Time;
  /** Made once per claim and plan. */
  readonly newToken: () => string;
  readonly setTimer: SetTimer;
  /** Called with an entry that has left because nobody did anything for too long. */
  readonly onExpired: (entry: DeadLetter) => void;
  /** Called with a settled entry that had to make room before its time. */
  readonly onEvicted: Evicted;
  /** Called with each act that has ended, of a message, a person or many at once. */
  readonly onActed: (act: ReviewAct, result: ActResult, before: DeadLetter) => void;
}

/** One list of dead letters, and what is done with it. */
export class Review implements ReviewDesk {
  private readonly heads: Heads;
  private readonly letters: Letters;
  private readonly bulk: BulkActs;
  private readonly runs: ActRuns;
  private readonly telling: Telling;
  private readonly acting = new Set<Promise<unknown>>();
  private isClosed = false;

  constructor(private readonly options: ReviewOptions) {
    const { store, settings, time, newToken, onEvicted } = options;
    this.heads = new Heads(store);
    this.letters = new Letters(store, this.heads, settings, onEvicted);
    this.runs = new ActRuns(this.letters, options);
    this.bulk = new BulkActs({
      time,
      newToken,
      heads: () => this.heads.look().then(() => this.heads.all.values()),
      look: id => this.look(id),
      get: id => this.get(id),
      act: act => this.act(act),
      onProgress: () => {
        this.telling.changed();
      },
    });
    this.telling = new Telling({
      setTimer: options.setTimer,
      look: () => this.heads.look().then(() => this.heads.turn),
      news: () => [countsOf(this.heads, settings), this.progress()],
    });
  }

  /**
   * Takes an update in, or adds to the entry that there is of it. Rejects with InputError `REVIEW_FULL`, and as the store
   * does.
   */
  async add(update: ArrivedUpdate): Promise<Changed> {
    const at = this.options.time.now();
    const added = await this.letters.change(idOf(update), stored =>
      arrived(update, stored?.entry, at),
    );
    if (added === undefined) throw new Error('an update that comes is always decided on');
    return added;
  }

  async list(query: ReviewQuery): Promise<ReviewPage> {
    await this.heads.look();
    return pageOf([...this.heads.all.values()], query);
  }

  async get(id: string): Promise<StoredDeadLetter | undefined> {
    return (await this.letters.get(id)).stored;
  }

  async look(id: string): Promise<ReviewLook | RefusedAct> {
    const stored = await this.get(id);
    if (stored === undefined)
      return refuse('ENTRY_GONE', 'There is no such dead letter.', undefined);
    const prepared = await this.runs.prepare({}, stored);
    return prepared.kind === 'refused' ? prepared : lookOf(stored.entry, prepared);
  }

  act(act: ReviewAct): Promise<ActResult> {
    const acting = this.actNow(act);
    this.acting.add(acting);
    const over = (): void => {
      this.acting.delete(acting);
    };
    acting.then(over, over);
    return acting;
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.acting);
  }

  private async actNow(act: ReviewAct): Promise<ActResult> {
    const { stored, now } = await this.letters.get(act.id);
    const refusal = actRefusal(act, stored, now);
    if (refusal !== undefined) return refusal;
    if (stored === undefined) throw new Error('an act on no entry is refused');
    const result = isRun(act.action)
      ? await this.runs.run(act, stored)
      : await this.settle(act, stored);
    this.options.onActed(act, result, stored.entry);
    return result;
  }

  async plan(wish: BulkWish): Promise<BulkPlan> {
    return this.bulk.plan(wish);
  }

  start(plan: string): BulkProgress {
    return this.bulk.start(plan);
  }

  stop(): BulkProgress | undefined {
    return this.bulk.stop();
  }

  progress(): BulkProgress | undefined {
    return this.bulk.progress();
  }

  async counts(): Promise<ReviewCounts> {
    await this.heads.look();
    return countsOf(this.heads, this.options.settings);
  }

  onChange(listener: Parameters<ReviewDesk['onChange']>[0]): () => void {
    return this.telling.listen(listener);
  }

  /** Settled entries whose time is over go, open ones of long ago are settled as expired. */
  async sweep(): Promise<void> {
    const { settings, time } = this.options;
    await this.heads.look();
    const now = time.now();
    for (const { head } of [...this.heads.all.values()]) {
      if (this.isClosed) return;
      const ageMs = now - head.updatedAt;
      if (head.state === 'open' && ageMs > settings.keepOpenMs) {
        await this.expire(head.id, now).catch(staysUnread);
      } else if (head.state === 'settled' && ageMs > settings.keepSettledMs) {
        await this.letters.remove(head.id, head.revision);
      }
    }
  }

  /** Ends what is under way on many; the store is whoever's it is. */
  close(): void {
    this.isClosed = true;
    this.bulk.stop();
    this.telling.close();
  }

  private async expire(id: string, now: number): Promise<void> {
    const { settings, onExpired } = this.options;
    let before: DeadLetter | undefined;
    const changed = await this.letters.change(id, (stored, at) => {
      before = stored?.entry;
      if (before?.state !== 'open' || isClaimed(before, at)) return undefined;
      return now - before.updatedAt > settings.keepOpenMs ? expired(before, now) : undefined;
    });
    if (changed !== undefined && before !== undefined) onExpired(before);
  }

  /** Theirs, and discarding: nothing is written. */
  private async settle(act: ReviewAct, { revision }: StoredDeadLetter): Promise<ActResult> {
    const stored = await this.get(act.id);
    const showed = stored && (await this.showed(act, stored.entry));
    let refusal: RefusedAct | undefined;
    const settled = await this.letters.change(act.id, (latest, now) => {
      refusal = actRefusal({ ...act, revision }, latest, now);
      if (refusal !== undefined || latest === undefined) return undefined;
      return settledWithout(latest.entry, act, showed, this.options.time.now());
    });
    if (settled !== undefined) return { kind: 'settled', now: settled };
    return refusal ?? refuse('ENTRY_GONE', 'There is no such dead letter any more.', undefined);
  }

  /** What the record shows at this moment, for the books; what it showed last where it cannot be read. */
  private async showed(
    { shown, action }: ReviewAct,
    entry: DeadLetter,
  ): Promise<Fields | undefined> {
    const known = Object.fromEntries(
      entry.fields.flatMap(({ name, theirs }) => (theirs === undefined ? [] : [[name, theirs]])),
    );
    if (shown !== undefined) {
      const names = new Set(entry.fields.map(({ name }) => name));
      const values = Object.entries(shown.values).filter(([name]) => names.has(name));
      return Object.fromEntries(values);
    }
    if (action === 'discard') return known;
    const prepared = await this.options.runner.prepare(entry, undefined).catch(() => undefined);
    if (prepared?.kind !== 'prepared') return known;
    const seen = await prepared.read().catch(() => undefined);
    return seen?.kind === 'seen'
      ? shownIn(entry.fields, seen.snapshot.values, prepared.rules)
      : known;
  }
}

async function lookOf(entry: DeadLetter, prepared: PreparedReview): Promise<ReviewLook> {
  const { rules } = prepared;
  const seen = await prepared.read();
  if (seen.kind !== 'seen') return seen;
  const { snapshot } = seen;
  const { values } = snapshot;
  const isSame = entry.fields.every(field => isStillSame(field, values, rules));
  return {
    kind: 'seen',
    fields: withTheirs(entry.fields, values, rules),
    shown: snapshot,
    is: isAllThere(entry.changes, values, rules) ? 'settled' : isSame ? 'same' : 'changed',
  };
}

/** What cannot be read stays as it is, and must not hold up the others. */
function staysUnread(error: unknown): void {
  const isUnread = error instanceof InputError && UNREAD.includes(error.code);
  if (!isUnread) throw error;
}

const UNREAD = ['ENTRY_DAMAGED', 'ENTRY_NEWER'];

function countsOf({ all, bytes, now }: Heads, settings: LettersBudget): ReviewCounts {
  const byOutcome: Record<string, number> = {};
  const toReconcile = new Set<string>();
  let open = 0;
  let oldestAt: number | undefined;
  for (const { head } of all.values()) {
    if (head.state !== 'open') continue;
    open++;
    byOutcome[head.outcome] = (byOutcome[head.outcome] ?? 0) + 1;
    oldestAt = Math.min(oldestAt ?? head.createdAt, head.createdAt);
    // While somebody works on it, nobody has to.
    const isUnderWay = head.claim !== undefined && head.claim.until > now;
    if (head.mayBeWritten && !isUnderWay) toReconcile.add(recordName(head));
  }
  const settled = all.size - open;
  const isFull = settled === 0 && (open >= settings.entries || bytes >= settings.bytes);
  return {
    open,
    settled,
    byOutcome,
    toReconcile: toReconcile.size,
    bytes,
    mostEntries: settings.entries,
    mostBytes: settings.bytes,
    oldestAt,
    isFull,
  };
}
