import { InputError } from '../errors';
import type { Time } from '../retry/time';
import { isRun } from './acts';
import { REVIEW_ACTIONS, type StoredDeadLetter } from './dead-letter';
import type {
  ActResult,
  BulkAction,
  BulkPlan,
  BulkProgress,
  BulkWish,
  RefusedAct,
  ReviewAct,
  ReviewHead,
  ReviewLook,
} from './desk';
import { asksFirst, type FoundHead } from './heads';
import { filtered, recordName } from './query';

export interface BulkActParts {
  readonly time: Time;
  readonly newToken: () => string;
  /** The one changed last at the end. */
  heads(): Promise<Iterable<FoundHead>>;
  look(id: string): Promise<ReviewLook | RefusedAct>;
  get(id: string): Promise<StoredDeadLetter | undefined>;
  act(act: ReviewAct): Promise<ActResult>;
  onProgress(): void;
}

/** Of one plan: more take a second one. */
const MOST_RUNS = 5_000;

const PER_SECOND = { least: 0.1, default: 10, most: 1_000 } as const;

/** Runs under way at a time: pace and API decide, and this only where answers take long. */
const MOST_AT_ONCE = 20;

const LOOKS_AT_ONCE = 10;

/** Records that were not read by then count as unread. Milliseconds. */
const LOOK_MS = 60_000;

const PLAN_VALID_MS = 15 * 60_000;

interface Planned {
  readonly plan: BulkPlan;
  readonly wish: BulkWish;
  readonly perSecond: number;
  /** In the order in which their updates came. */
  readonly runs: readonly ReviewHead[];
}

/** Acts on many entries: planned, confirmed, one after the other at a pace, and stopped at any time. */
export class BulkActs {
  /** The latest one: who looks at another filter decides on that. */
  private readonly planned = new Map<string, Planned>();
  private running: Job | undefined;

  constructor(private readonly parts: BulkActParts) {}

  /** Rejects with InputError `BULK_INVALID` naming the member. */
  async plan(wish: BulkWish): Promise<BulkPlan> {
    const perSecond = checkWish(wish);
    const { time, newToken } = this.parts;
    const matching = filtered(await this.parts.heads(), { ...wish.filter, state: 'open' });
    const now = time.now();
    const staying = new Count();
    const candidates = matching.filter(head => !staying.add(whyStays(head, wish.action, now)));
    const runs = [...candidates].sort((a, b) => a.createdAt - b.createdAt).slice(0, MOST_RUNS);
    if (candidates.length > runs.length) staying.add('TOO_MANY', candidates.length - runs.length);
    const looked = isRun(wish.action) && wish.look !== false ? await this.look(runs) : undefined;
    const left = runs.filter(({ id }) => !staying.add(looked?.why.get(id)));
    const plan: BulkPlan = {
      id: newToken(),
      action: wish.action,
      matching: matching.length,
      runs: left.length,
      settledMeanwhile: looked?.settled ?? 0,
      gone: looked?.gone ?? 0,
      unread: looked?.unread ?? 0,
      staying: staying.counts,
      seconds: Math.ceil(left.length / perSecond),
      validUntil: time.now() + PLAN_VALID_MS,
    };
    this.keep({ plan, wish, perSecond, runs: left });
    return plan;
  }

  start(id: string): BulkProgress {
    const planned = this.planned.get(id);
    const { time } = this.parts;
    if (planned === undefined || planned.plan.validUntil < time.now()) {
      throw new InputError(
        'PLAN_GONE',
        'There is no such plan any more: it was used, or is older than 15 minutes. Plan again, and look at the numbers.',
      );
    }
    if (this.running?.progress().state === 'running') {
      throw new InputError(
        'BULK_RUNNING',
        'Another act on many is under way. Wait for its end, or stop it.',
      );
    }
    this.planned.delete(id);
    this.running = new Job(planned, this.parts);
    return this.running.progress();
  }

  stop(): BulkProgress | undefined {
    this.running?.stop();
    return this.progress();
  }

  progress(): BulkProgress | undefined {
    return this.running?.progress();
  }

  private keep(planned: Planned): void {
    this.planned.set(planned.plan.id, planned);
    const [oldest] = this.planned.keys();
    if (this.planned.size > MOST_PLANS && oldest !== undefined) this.planned.delete(oldest);
  }

  private async look(runs: readonly ReviewHead[]): Promise<Looked> {
    const { time } = this.parts;
    const looked: Looked = { settled: 0, gone: 0, unread: 0, why: new Map() };
    const end = time.monotonic() + LOOK_MS;
    const queue = [...runs.values()].reverse();
    const work = async (): Promise<void> => {
      for (let head = queue.pop(); head !== undefined; head = queue.pop()) {
        if (time.monotonic() > end) looked.unread++;
        else await this.lookAt(head, looked);
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, work));
    return looked;
  }

  private async lookAt({ id }: ReviewHead, looked: Looked): Promise<void> {
    const stored = await this.parts.get(id);
    if (stored !== undefined && asksFirst(stored.entry, 'replay')) {
      looked.why.set(id, 'ASK_FIRST');
      return;
    }
    const look = await this.parts.look(id).catch(() => undefined);
    if (look === undefined || look.kind === 'unread') looked.unread++;
    else if (look.kind === 'refused') looked.why.set(id, look.code);
    else if (look.kind === 'gone') {
      looked.gone++;
      looked.why.set(id, 'RECORD_GONE');
    } else if (look.is === 'settled') looked.settled++;
  }
}

const MOST_PLANS = 8;

interface Looked {
  settled: number;
  gone: number;
  unread: number;
  /** Why an entry stays. */
  readonly why: Map<string, string>;
}

class Count {
  readonly counts: Record<string, number> = {};

  /** Whether it was one. */
  add(name: string | undefined, by = 1): boolean {
    if (name === undefined) return false;
    this.counts[name] = (this.counts[name] ?? 0) + by;
    return true;
  }
}

/** Why an entry is not among those acted on; undefined: it is. */
function whyStays(head: ReviewHead, action: BulkAction, now: number): string | undefined {
  if (head.claim !== undefined && head.claim.until > now) return 'ENTRY_CLAIMED';
  return isRun(action) && head.asksFirst && action === 'ours' ? 'ASK_FIRST' : undefined;
}

/** Returns the pace. */
function checkWish(wish: BulkWish): number {
  const { action, by, reason, perSecond = PER_SECOND.default, filter } = wish as Partial<BulkWish>;
  if (typeof filter !== 'object') throw invalid('"filter" must say which entries; {} means all.');
  if (action === undefined || !REVIEW_ACTIONS.includes(action) || (action as string) === 'edit') {
    throw invalid('"action" must be replay, ours, theirs or discard: an edit is of one entry.');
  }
  if (typeof by !== 'string') throw invalid('"by" must be a text that says who acts.');
  const { least, most } = PER_SECOND;
  if (!(perSecond >= least && perSecond <= most)) {
    throw invalid(`"perSecond" must be a number from ${least} to ${most}.`);
  }
  if (action === 'discard' && (typeof reason !== 'string' || reason.trim() === '')) {
    throw invalid('"reason" must say why they are discarded.');
  }
  return perSecond;
}

function invalid(sentence: string): InputError {
  return new InputError('BULK_INVALID', `${sentence} Correct it; nothing was done.`);
}

/** One act after the other, those of one record in the order of their updates. */
class Job {
  private readonly counts = { settled: 0, open: 0, refused: 0 };
  private readonly stopping = new AbortController();
  private readonly startedAt: number;
  private endedAt: number | undefined;
  private readonly busy = new Map<string, Promise<void>>();

  constructor(
    private readonly planned: Planned,
    private readonly parts: BulkActParts,
  ) {
    this.startedAt = parts.time.now();
    void this.run().then(() => {
      this.endedAt = parts.time.now();
      parts.onProgress();
    });
  }

  stop(): void {
    this.stopping.abort(new Error('stopped'));
  }

  progress(): BulkProgress {
    const { plan, wish, runs } = this.planned;
    const { settled, open, refused } = this.counts;
    const left = runs.length - settled - open - refused;
    const isStopped = this.stopping.signal.aborted && left > 0;
    return {
      plan: plan.id,
      action: plan.action,
      by: wish.by,
      total: runs.length,
      settled,
      open,
      refused,
      left,
      state: this.endedAt === undefined ? 'running' : isStopped ? 'stopped' : 'done',
      startedAt: this.startedAt,
      endedAt: this.endedAt,
    };
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    const { time } = this.parts;
    const { signal } = this.stopping;
    const begun = time.monotonic();
    const working = new Set<Promise<void>>();
    for (const [nth, head] of this.planned.runs.entries()) {
      const waitMs = begun + (1_000 * nth) / this.planned.perSecond - time.monotonic();
      if (waitMs > 0) await time.sleep(waitMs, signal).catch(() => undefined);
      while (working.size >= MOST_AT_ONCE) await Promise.race(working);
      if (signal.aborted) break;
      const work = this.inTurn(head);
      working.add(work);
      void work.then(() => working.delete(work));
    }
    await Promise.all(working);
  }

  private inTurn(head: ReviewHead): Promise<void> {
    const name = recordName(head);
    const before = this.busy.get(name) ?? Promise.resolve();
    const work = before.then(() => this.act(head));
    this.busy.set(name, work);
    void work.then(() => {
      if (this.busy.get(name) === work) this.busy.delete(name);
    });
    return work;
  }

  private async act({ id, revision }: ReviewHead): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { action, by, reason } = this.planned.wish;
    const given = reason === undefined ? {} : { reason };
    try {
      const result = await this.parts.act({ id, action, by, revision, ...given });
      this.counts[result.kind]++;
    } catch {
      // The store is away, or the flow is being stopped: what was not told stays as it is stored.
      this.counts.refused++;
    }
    this.parts.onProgress();
  }
}
