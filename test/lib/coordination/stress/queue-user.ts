import { randomUUID } from 'node:crypto';
import type {
  QueuedUpdate,
  RecordQueue,
  SettleResult,
  Taken,
  Ticket,
  TicketEnding,
} from '../../../../lib/coordination/queue/queue';
import type { QueueStore } from '../../../../lib/coordination/queue/queue-store';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import { StoreUnavailable } from '../../../../lib/coordination/redis/faults';
import { systemTime } from '../../../../lib/retry/time';
import { endingOf } from '../../../../nodes/update-queue/ending';
import { Pump } from '../../../../nodes/update-queue/pump';
import type { LockUserContext } from './lock-user';
import { FIELDS, say, type QueueName, type Tried } from './said';

/** At the same time. */
const PUTTING = 3;
const RECORDS = 5;
const COUNTS = 3;

/** Events are told of so late. Milliseconds. */
const LATE_MS = 2000;

/** Longer than any pause. */
const RESUME_MS = 300;

const MOST_PER_PROCESS = 10_000_000;

/** Puts updates into a queue, hands them on and writes them to the API, and says so. */
export class QueueUser {
  private readonly queue: RecordQueue;
  private readonly pump: Pump;
  private readonly putting: Promise<unknown>;
  private readonly working = new Set<Promise<void>>();
  private readonly times = new Set<number>();
  private isQuiet = false;
  private isOver = false;
  private rounds = 0;
  private count = 0;

  constructor(
    private readonly name: QueueName,
    store: QueueStore,
    private readonly context: LockUserContext,
  ) {
    const { leaseMs, store: place } = context;
    this.queue = createRecordQueue(store, {
      mode: name,
      limit: 100_000,
      largestBytes: 10_000,
      whenFull: 'refuse',
      tries: 1_000_000,
      dispatch: { parallel: 8, leaseMs, batch: { size: 6, pauseMs: 20 } },
      batches: 'always',
      hold: { rates: { from: 0.5, to: 0.2 }, hours: undefined, shortestMs: 50, longestMs: 200 },
    });
    this.queue.onSuperseded(update => {
      say({ say: 'left', n: numberOf(update) });
    });
    this.queue.onGivenUp(({ update }) => {
      say({ say: 'fault', what: `given up without an outcome: ${update.message}` });
    });
    this.pump = new Pump(this.queue, {
      most: 4,
      lookEveryMs: place.kind === 'redis' ? 200 : undefined,
      now: Date.now,
      onTaken: taken => {
        this.handOn(taken);
      },
      onTooLate: ({ ticket }) => this.queue.settle(ticket, { kind: 'unseen' }),
      onRound: () => this.rounds++,
      onFailure: error => void context.onError(error),
    });
    void this.resumeAll();
    this.putting = Promise.all(Array.from({ length: PUTTING }, () => this.putAll()));
  }

  /** Resolves when nothing more comes in. */
  async quiet(): Promise<void> {
    this.isQuiet = true;
    await this.putting;
  }

  async tellStats(): Promise<void> {
    try {
      const stats = await this.queue.stats();
      say({ say: 'stats', queue: this.name, stats });
    } catch (error) {
      await this.context.onError(error);
    }
  }

  /** Says so when the queue was asked for work, and answered. */
  async tellWorks(): Promise<void> {
    const before = this.rounds;
    // Where nobody else can bring work, it does not look by itself.
    this.pump.wake();
    while (this.rounds === before && !this.isOver) await systemTime.sleep(20);
    if (!this.isOver) say({ say: 'works', what: this.name });
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all([this.pump.stop(), this.quiet()]);
    await Promise.all(this.working);
  }

  private async putAll(): Promise<void> {
    const { random, onError } = this.context;
    while (!this.isQuiet) {
      const tried = this.next();
      say(tried);
      try {
        await this.put(tried);
        if (random() < 0.002) await this.control();
      } catch (error) {
        say({ say: 'unknown', n: tried.n });
        await onError(error);
      }
      await systemTime.sleep(random() * 60);
    }
  }

  private async put({ n, record, fields, at }: Tried): Promise<void> {
    const { random } = this.context;
    const isCount = fields.length === 0;
    const result = await this.queue.put({
      record,
      changes: isCount ? undefined : Object.fromEntries(fields.map(field => [field, n])),
      version: undefined,
      eventAt: isCount ? undefined : at,
      dueAt: random() < 0.1 ? Date.now() + random() * 300 : undefined,
      message: JSON.stringify({ n }),
    });
    if (result.state === 'superseded') say({ say: 'late', n });
    else {
      const superseded = result.superseded.map(numberOf);
      say({ say: 'put', n, isDurable: result.durable, superseded });
    }
  }

  /**
   * One that was killed may have left the queue paused, and a store file lets only the process that has it resume:
   * whoever that is by then.
   */
  private async resumeAll(): Promise<void> {
    while (!this.isOver) {
      await this.queue.resume().catch(this.context.onError);
      await systemTime.sleep(RESUME_MS);
    }
  }

  /** What a person would do. */
  private async control(): Promise<void> {
    const { random } = this.context;
    if (random() < 0.5) {
      await this.queue.flush();
      return;
    }
    await this.queue.pause();
    await systemTime.sleep(random() * 50);
    await this.queue.resume();
  }

  private next(): Tried {
    const { random, number } = this.context;
    const n = number * MOST_PER_PROCESS + 2 * ++this.count + (this.name === 'merge' ? 0 : 1);
    const isCount = this.name === 'merge' && random() < 0.2;
    const some = FIELDS.filter(() => random() < 0.5);
    const fields = isCount ? [] : some.length > 0 ? some : [...FIELDS];
    const place = Math.floor(random() * (isCount ? COUNTS : RECORDS));
    const record = `${isCount ? 'count' : this.name}-${place}`;
    return { say: 'try', n, queue: this.name, record, fields, at: this.newTime() };
  }

  /** No two events happen at the same time: those of one process are told apart by the fraction. */
  private newTime(): number {
    const { random, number } = this.context;
    let at = Math.floor(Date.now() - random() * LATE_MS);
    while (this.times.has(at)) at--;
    this.times.add(at);
    return at + (number % 2048) / 2048;
  }

  private handOn(taken: Taken): void {
    const work = this.work(taken).catch((error: unknown) => this.context.onError(error));
    this.working.add(work);
    void work.then(() => this.working.delete(work));
  }

  private async work(taken: Taken): Promise<void> {
    const { ticket, update, fate } = taken;
    const { api } = this.context;
    const { record, fence, expiresAt } = ticket;
    const claim = { key: `${this.name} ${record}`, fence, expiresAt };
    // Where it cannot be asked, the lease ends by itself.
    if (!(await api.enter(claim).catch(() => false))) return;
    const n = numberOf(update);
    const result = await api.update(this.queue, ticket, update, { n, fate });
    await api.leave(claim).catch(() => undefined);
    const decision = endingOf({ result, caught: undefined });
    if (decision.kind !== 'settle') return;
    const ending = soon(decision.ending);
    const numbers = [n, ...Object.values(update.changes ?? {}).map(Number)];
    say({ say: 'ends', n, numbers, as: ending.kind });
    const settled = await this.untilSettled(ticket, ending);
    if (settled !== undefined) say({ say: 'ended', n });
  }

  /** As the node does it. */
  private async untilSettled(
    ticket: Ticket,
    ending: TicketEnding,
  ): Promise<SettleResult | undefined> {
    const id = randomUUID();
    while (Date.now() < ticket.expiresAt) {
      try {
        return await this.queue.settle(ticket, ending, id);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await systemTime.sleep(50);
      }
    }
    return undefined;
  }
}

function numberOf({ message }: Pick<QueuedUpdate, 'message'>): number {
  return (JSON.parse(message) as { n: number }).n;
}

/** The wait grows with every try: here nobody has the time. */
function soon(ending: TicketEnding): TicketEnding {
  return ending.kind === 'again' ? { ...ending, dueAt: Date.now() } : ending;
}
