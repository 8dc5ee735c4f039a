import type { Lease } from '../coordination/lock';
import type { UpdateContext } from './context';
import { next, type Event } from './decide';
import type { Ending } from './ending';
import { knownAtFirst, outputOf, taskOf, type Known, type Task, type UpdateOutput } from './known';
import { Patience } from './patience';
import { readRecord, writeRecord } from './perform';
import type { Decide, UpdateRequest } from './request';
import type { Moment, Step } from './steps';
import { StopError } from './stop';

/**
 * Updates one record: reads, writes only if unchanged, classifies, reconciles against the baseline and waits,
 * until the update has an outcome. Throws StopError when `context.stop` fires before that.
 */
export async function updateRecord(
  request: UpdateRequest,
  context: UpdateContext,
): Promise<UpdateOutput> {
  return new Shell(request, context).run();
}

/** A step that asks for an event. */
type Action = Exclude<Step, { kind: 'end' | 'stop' }>;

/** What happens around the decisions of one update: time, transport, turn and stopping. It decides nothing itself. */
class Shell {
  private readonly task: Task;
  private readonly patience: Patience;
  private readonly startedAt: number;
  private known: Known;
  /** How many attempts the version log has been told. */
  private told = 0;

  constructor(
    request: UpdateRequest,
    private readonly context: UpdateContext,
  ) {
    const { family, time, onAttempt, onPhase } = context;
    this.startedAt = time.monotonic();
    this.task = taskOf(request, family, onAttempt !== undefined);
    this.known = knownAtFirst(this.task);
    this.patience = new Patience(context, onPhase);
  }

  async run(): Promise<UpdateOutput> {
    try {
      const ending = await this.inTurn();
      const durationMs = this.context.time.monotonic() - this.startedAt;
      return outputOf(this.task, this.known, ending, durationMs);
    } catch (error) {
      throw this.context.stop.aborted && !(error instanceof StopError) ? this.stopped() : error;
    } finally {
      this.tell();
    }
  }

  private async inTurn(): Promise<Ending> {
    const { turn, stop, onPhase } = this.context;
    if (turn === undefined) return this.drive({ kind: 'begun', at: this.moment() });
    onPhase?.('queued');
    const waitMs = Math.min(this.task.request.turnWaitMs, this.patience.remainingMs());
    const lease = await turn(waitMs, stop);
    const at = this.moment();
    if (lease.granted) return this.drive({ kind: 'begun', at }).finally(() => release(lease));
    const { reason, waitedMs } = lease;
    if (reason === 'aborted' || reason === 'closed') throw this.stopped();
    return this.drive({ kind: 'no-turn', isQueueFull: reason === 'queue-full', waitedMs, at });
  }

  private async drive(first: Event): Promise<Ending> {
    let step = this.decide(first);
    for (;;) {
      if (step.kind === 'stop') throw new StopError(step.code, step.message);
      const isOver = step.kind === 'end' && step.ending.outcome !== 'retry';
      // Neither a further step nor a further pass once the flow stops.
      if (!isOver) this.context.stop.throwIfAborted();
      if (step.kind === 'end') return step.ending;
      step = this.decide(await this.perform(step));
    }
  }

  private decide(event: Event): Step {
    const { known, step } = next(this.task, this.known, event);
    this.known = known;
    return step;
  }

  private async perform(step: Action): Promise<Event> {
    switch (step.kind) {
      case 'read':
        return this.read(step);
      case 'write': {
        // What followed from the attempts before is known by now.
        this.tell();
        const { plan, idempotency } = step;
        const written = await writeRecord(plan, idempotency, this.context, this.patience);
        return { kind: 'written', written, at: this.moment() };
      }
      case 'wait': {
        const permit = await this.patience.wait(step.wait);
        return { kind: 'waited', permit, at: this.moment() };
      }
      case 'ask':
        return { kind: 'decided', answer: await answerOf(step), at: this.moment() };
    }
  }

  private async read({ fields, patiently }: Extract<Action, { kind: 'read' }>): Promise<Event> {
    const { context, patience } = this;
    const { onPhase } = context;
    const { ref } = this.task.request;
    const read = await readRecord(ref, context, { fields, patience, patiently, onPhase });
    const at = this.moment();
    return 'snapshot' in read ? { kind: 'read', ...read, at } : { kind: 'unread', ...read, at };
  }

  private stopped(): StopError {
    const { step } = next(this.task, this.known, { kind: 'stopped', at: this.moment() });
    if (step.kind !== 'stop') throw new Error('stopping takes no further step');
    return new StopError(step.code, step.message);
  }

  private moment(): Moment {
    const { time, policy } = this.context;
    return {
      now: time.now(),
      leftMs: this.patience.remainingMs(),
      deadlineMs: policy.deadlineMs,
    };
  }

  /** Tells the version log the attempts that it has not been told. */
  private tell(): void {
    const { onAttempt } = this.context;
    if (onAttempt === undefined) return;
    const untold = this.known.attempts.slice(this.told);
    this.told += untold.length;
    for (const attempt of untold) onAttempt(attempt);
  }
}

type Answer = Extract<Event, { kind: 'decided' }>['answer'];

async function answerOf({ decide, view }: { decide: Decide; view: Parameters<Decide>[0] }) {
  try {
    return { decision: await decide(view) } satisfies Answer;
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { failure } satisfies Answer;
  }
}

/** A lease that ended early is no fault: the version is what protects the record. */
async function release(lease: Lease): Promise<void> {
  await lease.release();
}
