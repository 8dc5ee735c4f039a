import type { Lease, NotAcquired } from '../coordination/lock';
import { InputError, StopError } from '../errors';
import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer, Fault } from '../outcome/answer';
import type { WriteFate } from '../outcome/outcome';
import type { Fields } from '../record/fields';
import { hasLongNumber, parseLossless } from '../record/json';
import type { Snapshot } from '../record/snapshot';
import { chainedBy } from './chain';
import type { ChainedRecord } from './chains';
import type { AcquireTurn, UpdateContext, Withheld } from './context';
import { next, type Event } from './decide';
import type { Ending } from './ending';
import {
  endedUpdateOf,
  knownAtFirst,
  outputOf,
  taskOf,
  type Known,
  type Task,
  type UpdateOutput,
} from './known';
import { Patience } from './patience';
import { readRecord, writeRecord, type WriteOptions } from './perform';
import type { UpdateRequest } from './request';
import type { Moment, Step } from './steps';
import { ownTransition } from './transition';
import { fateOf } from './write';

/**
 * Updates one record: reads, writes only if unchanged, classifies, reconciles against the baseline and waits,
 * until the update has an outcome. Throws StopError when `context.stop` fires before that.
 * @param turn for this record; default: that of the context
 */
export function updateRecord(
  request: UpdateRequest,
  context: UpdateContext,
  turn = context.turn,
): Promise<UpdateOutput> {
  return new Shell(request, context, turn).run();
}

const BEGUN: Event = { kind: 'begun' };

/** A step that asks for an event. */
type Action = Exclude<Step, { kind: 'end' | 'stop' | 'fail' }>;

/** What happens around the decisions of one update: time, transport, turn and stopping. It decides nothing itself. */
class Shell {
  private readonly task: Task;
  private readonly patience: Patience;
  private known: Known;
  /** How many attempts the version log has been told. */
  private told = 0;

  constructor(
    request: UpdateRequest,
    private readonly context: UpdateContext,
    private readonly acquire: AcquireTurn | undefined,
  ) {
    const { family, onAttempt, onPhase } = context;
    this.task = taskOf(request, family, onAttempt !== undefined);
    this.known = knownAtFirst(this.task);
    this.patience = new Patience(context, onPhase);
  }

  async run(): Promise<UpdateOutput> {
    let lease: Lease | undefined;
    let left: object | undefined;
    try {
      // Seldom promises, and waiting for what is there already costs.
      const beginning = this.begin();
      const fault = beginning && (await beginning);
      const turning = fault === undefined ? this.turn() : undefined;
      const turn = turning instanceof Promise ? await turning : turning;
      if (turn?.granted === true) lease = turn;
      const chained = this.chained(lease);
      const ending = await this.drive(this.firstEvent(fault, turn, chained));
      left = this.leave(chained);
      return this.output(ending);
    } catch (error) {
      throw this.context.stop.aborted && !(error instanceof StopError) ? this.stopped() : error;
    } finally {
      this.patience.place?.leave();
      // A lease that ended early is no fault: the version is what protects the record.
      const releasing = lease?.release(left);
      if (releasing instanceof Promise) await releasing;
    }
  }

  private output(ending: Ending): UpdateOutput {
    const output = outputOf(this.task, this.known, ending, this.patience.durations());
    this.context.onEnded?.(endedUpdateOf(this.task, this.known, output.result));
    return output;
  }

  /** What the holder before has left. */
  private chained(lease: Lease | undefined): ChainedRecord | undefined {
    return this.context.chains?.take(lease?.left);
  }

  /** The next pass of a wired loop goes on with what has begun, so it does not wait behind what has not. */
  private begin(): Promise<Fault | undefined> | undefined {
    const { base, pending } = this.task.request;
    return base === undefined && pending === undefined ? this.patience.begin() : undefined;
  }

  /** Undefined: no turn has to be taken. Whoever has to wait at the record keeps no place meanwhile. */
  private turn(): ReturnType<AcquireTurn> | undefined {
    const { acquire, patience } = this;
    if (acquire === undefined) return undefined;
    const { stop, onPhase } = this.context;
    const waitMs = Math.min(this.task.request.turnWaitMs, patience.remainingMs());
    const turning = acquire(waitMs, stop, () => patience.place?.leave());
    if (turning instanceof Promise) onPhase?.('queued');
    return turning;
  }

  /** What the next update of the record may try first. @param chained what this one was left */
  private leave(chained: ChainedRecord | undefined): object | undefined {
    const { chains } = this.context;
    if (chained !== undefined) chains?.learn(chained, this.known.attempts);
    const { task, known } = this;
    return chains?.leave(() => chainedBy(task, known));
  }

  private firstEvent(
    fault: Fault | undefined,
    turn: Lease | NotAcquired | undefined,
    chained: ChainedRecord | undefined,
  ): Event {
    if (fault?.code === 'ABORTED') throw this.stopped();
    if (fault !== undefined) return { kind: 'no-place', fault };
    if (turn?.granted !== false) return chained === undefined ? BEGUN : { kind: 'begun', chained };
    const { reason, waitedMs } = turn;
    if (reason === 'aborted' || reason === 'closed') throw this.stopped();
    return { kind: 'no-turn', isQueueFull: reason === 'queue-full', waitedMs };
  }

  private async drive(first: Event): Promise<Ending> {
    try {
      let step = this.decide(first);
      for (;;) {
        if (step.kind === 'stop') throw new StopError(step.code, step.message);
        if (step.kind === 'fail') throw step.error;
        const isOver = step.kind === 'end' && step.ending.outcome !== 'retry';
        // Neither a further step nor a further pass once the flow stops.
        if (!isOver) this.context.stop.throwIfAborted();
        if (step.kind === 'end') return step.ending;
        step = this.decide(await this.perform(step));
      }
    } finally {
      this.tell();
    }
  }

  private decide(event: Event): Step {
    const { known, step } = next(this.task, this.known, event, this.moment());
    this.known = known;
    return step;
  }

  private perform(step: Action): Promise<Event> {
    const { context, patience } = this;
    switch (step.kind) {
      case 'read': {
        const { fields, patiently } = step;
        const { onPhase } = context;
        return readRecord(this.task.request.ref, context, { fields, patience, patiently, onPhase });
      }
      case 'write':
        // What followed from the attempts before is known by now.
        this.tell();
        return writeRecord(step.plan, step.idempotency, context, {
          patience,
          withheld: this.withheld(step.plan),
          transition: ownTransition(this.task),
        });
      case 'wait':
        return patience.wait(step.wait).then(permit => ({ kind: 'waited', permit }));
      case 'ask':
        return ask(step);
      case 'compute':
        return compute(step, context);
    }
  }

  private withheld(plan: WritePlan): WriteOptions['withheld'] {
    const { beforeWrite } = this.context;
    if (beforeWrite === undefined) return undefined;
    return idempotency => withheld(beforeWrite, fateOf(this.task, this.known, plan, idempotency));
  }

  private stopped(): StopError {
    const { step } = next(this.task, this.known, { kind: 'stopped' }, this.moment());
    if (step.kind !== 'stop') throw new Error('stopping takes no further step');
    return new StopError(step.code, step.message);
  }

  private moment(): Moment {
    const { time, policy } = this.context;
    const { deadlineMs } = policy;
    return { now: time.now(), leftMs: this.patience.remainingMs(), deadlineMs };
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

/** Undefined: the write may leave. */
async function withheld(
  beforeWrite: NonNullable<UpdateContext['beforeWrite']>,
  fate: WriteFate,
): Promise<Withheld | undefined> {
  try {
    return (await beforeWrite(fate)) ? undefined : { kind: 'withheld', failure: undefined };
  } catch (error) {
    return { kind: 'withheld', failure: error instanceof Error ? error.message : String(error) };
  }
}

async function compute(
  { computation, record, answer }: Extract<Action, { kind: 'compute' }>,
  { family, newToken }: UpdateContext,
): Promise<Event> {
  try {
    const changes = await computation.of(record, () => exactValues(record, answer, family));
    return { kind: 'computed', answer: { changes, token: newToken() } };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind: 'computed', answer: { error } };
  }
}

/** The values with every number as it came. Most records have none that JavaScript cannot hold, and are not parsed anew. */
function exactValues({ values }: Snapshot, answer: Answer | undefined, family: ApiFamily): Fields {
  if (answer === undefined || !hasLongNumber(answer.text)) return values;
  return family.valuesOf({ ...answer, json: parseLossless(answer.text) }) ?? values;
}

/** A rule that fails decides nothing. */
async function ask({ decide, view }: Extract<Action, { kind: 'ask' }>): Promise<Event> {
  try {
    return { kind: 'decided', answer: { decision: await decide(view) } };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { kind: 'decided', answer: { failure } };
  }
}
