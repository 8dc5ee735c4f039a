import { MAX_TIMER_MS, type Time, setUnrefTimer, type SetTimer } from '../retry/time';
import { InputError } from '../errors';
import type { Machine } from './journal/holder';
import { openJournal, type Journal } from './journal/journal';
import type { SeenEntry } from './seen-entries';
import type { CheckResult, Claim, Confirmation, EventToCheck, SeenEvents } from './seen-events';
import { SeenMemory } from './seen-memory';
import { SteadyClock } from './steady-clock';
import type { StoreTrouble } from './store-trouble';

export interface InProcessSeenEventsOptions {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** Most events to remember at one time, claimed ones included: 1 to 16,000,000. */
  readonly limit: number;
  /** File in which confirmed events survive a restart; its folder is made when missing. Undefined: in memory only. */
  readonly journal?: string;
  /**
   * Called with each trouble when it begins, also while the file is opened, and with undefined when a lasting one is
   * over.
   */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
  readonly setTimer?: SetTimer;
  /** Who this process is, and which others run: for the file, which only one of them may write. */
  readonly machine?: Machine;
  /** Ends the wait for the answer of another process that holds the file. */
  readonly signal?: AbortSignal;
}

export interface InProcessSeenEvents extends SeenEvents {
  /** Events remembered: claimed and confirmed ones. What has ended may count for a second more. */
  readonly size: number;
  /** What is wrong now; else what was found when the file was opened. */
  readonly trouble: StoreTrouble | undefined;
}

/** A Map holds no more than 2^24. */
const MAX_LIMIT = 16_000_000;

/** What has ended is removed this often at most. Look-ups are exact to the millisecond. */
const SWEEP_PAUSE_MS = 1000;

/**
 * Seen events of this process. Claims are lost when it ends: their events may come again. The window of an id begins
 * with its confirmation, that of `same` with the claim. Both go on while the computer's clock is set; after a restart
 * they go by that clock, and what was confirmed in its future counts as confirmed at the restart.
 * Without a file all confirmations count as saved. Throws RangeError when the limit is out of range.
 */
export async function createInProcessSeenEvents(
  options: InProcessSeenEventsOptions,
): Promise<InProcessSeenEvents> {
  const { limit } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit must be a whole number from 1 to ${MAX_LIMIT}, not ${limit}`);
  }
  const events = new InProcess(options);
  await events.open();
  return events;
}

class InProcess implements InProcessSeenEvents {
  private readonly clock: SteadyClock;
  private readonly memory: SeenMemory;
  private readonly setTimer: SetTimer;
  private journal: Journal | undefined;
  private full: StoreTrouble | undefined;
  private wakesAt = Infinity;
  private cancelTimer = (): void => undefined;
  private isClosed = false;
  /** The latest targets that the file has to forget; never rejects. */
  private leaving: Promise<boolean> = Promise.resolve(true);

  constructor(private readonly options: InProcessSeenEventsOptions) {
    this.clock = new SteadyClock(options.time);
    this.memory = new SeenMemory(this.clock, options.limit);
    this.setTimer = options.setTimer ?? setUnrefTimer;
  }

  get size(): number {
    return this.memory.size;
  }

  get trouble(): StoreTrouble | undefined {
    return this.journal?.failure ?? this.full ?? this.journal?.found;
  }

  async open(): Promise<void> {
    const { journal: path, ...options } = this.options;
    if (path !== undefined) {
      this.journal = await openJournal({ ...options, path, owner: this.memory });
    }
    this.afterChange(this.memory.nextEnd() - this.clock.now());
  }

  async check(event: EventToCheck): Promise<CheckResult> {
    const { windowMs, claimMs, same } = event;
    checkDuration('windowMs', windowMs);
    checkDuration('claimMs', claimMs);
    checkDuration('same.windowMs', same?.windowMs ?? claimMs);
    if (this.journal?.isSure === false) await this.journal.look();
    this.checkUse();
    const left = this.memory.name(event);
    if (left.length > 0) this.leaving = this.save(left);
    const result = this.memory.check(event);
    if (result.first) this.afterChange(Math.min(claimMs, same?.windowMs ?? claimMs));
    // Once this event is under way a restart must not bring back the target before it. Those behind it stay behind it.
    await this.leaving;
    return result;
  }

  async confirm(claim: Claim): Promise<Confirmation> {
    checkDuration('windowMs', claim.windowMs);
    const { inTime, entries } = this.memory.confirm(claim);
    this.afterChange(claim.windowMs);
    return { inTime, saved: await this.save(entries) };
  }

  async forget(claim: Claim): Promise<boolean> {
    const wasHeld = this.memory.forget(claim);
    this.tellFull();
    return Promise.resolve(wasHeld);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelTimer();
    await this.journal?.close();
  }

  /** Another store may have the file, and would not know of a claim made here. */
  private checkUse(): void {
    if (this.isClosed) throw new Error('The store is closed.');
    const failure = this.journal?.failure;
    if (failure?.kind === 'in-use') throw new InputError('STORE_IN_USE', failure.message);
  }

  /** False: it could not be saved. The journal tells why. */
  private async save(entries: readonly SeenEntry[]): Promise<boolean> {
    const { journal } = this;
    if (journal === undefined) return true;
    try {
      await Promise.all(entries.map(entry => journal.append(entry)));
      return true;
    } catch {
      return false;
    }
  }

  /** @param endsIn milliseconds until something ends that may be the next to do so */
  private afterChange(endsIn: number): void {
    this.tellFull();
    this.wakeAt(this.clock.now() + Math.max(endsIn, SWEEP_PAUSE_MS));
  }

  private wakeAt(at: number): void {
    if (this.isClosed || at >= this.wakesAt) return;
    const ms = Math.min(Math.ceil(at - this.clock.now()), MAX_TIMER_MS);
    this.wakesAt = at;
    this.cancelTimer();
    this.cancelTimer = this.setTimer(this.onTimer, ms);
  }

  private readonly onTimer = (): void => {
    this.wakesAt = Infinity;
    if (this.memory.sweep()) this.wakeAt(this.clock.now());
    else this.afterChange(this.memory.nextEnd() - this.clock.now());
  };

  private tellFull(): void {
    const isFull = this.memory.checkFull();
    if (isFull === (this.full !== undefined)) return;
    this.full = isFull ? fullTrouble(this.options.limit) : undefined;
    this.options.onTrouble(this.full);
  }
}

function checkDuration(name: string, ms: number): void {
  if (!(ms > 0 && ms < Infinity)) throw new RangeError(`${name} must be above 0 ms, not ${ms}`);
}

function fullTrouble(limit: number): StoreTrouble {
  const message = `The store holds its limit of ${limit} events: the oldest are forgotten before their time, and if one of those comes again it is processed again. Raise the limit of the record-store node, or remember events for a shorter time.`;
  return { kind: 'full', message, said: { text: 'full', values: { count: limit } } };
}
