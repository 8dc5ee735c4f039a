import { setImmediate } from 'node:timers/promises';
import type { BulkApi } from '../../api/bulk/bulk-api';
import type { Lease, NotAcquired } from '../../coordination/lock';
import { InputError, StopError } from '../../errors';
import type { RecordKey } from '../../record/fields';
import { DONE_OUTCOMES, type UpdateResult } from '../../outcome/outcome';
import type { AcquireTurn, SharedRequests, UpdateContext } from '../context';
import { withdrawn } from '../ending';
import { endedUpdateOf, knownAtFirst, outputOf, taskOf, type UpdateOutput } from '../known';
import { updateRecord } from '../loop';
import type { UpdateRequest } from '../request';
import { BatchWrites } from './batch-writes';
import { BulkTally, type BulkSummary } from './bulk-tally';
import { Dispatcher } from './dispatcher';
import { GroupWrites } from './group-writes';
import { Intake } from './intake';
import { ListReads } from './list-reads';
import { onceEach, type Notify } from './notice';
import { Requests } from './requests';
import { Round } from './round';

/** One record of the list, checked. */
export interface BulkMember {
  /** Its place in the list. */
  readonly index: number;
  readonly request: UpdateRequest;
}

/** An item of the list that cannot be an update. */
export interface UnusableMember {
  readonly index: number;
  /** Undefined: it has none that could be shown. */
  readonly key: RecordKey | undefined;
  readonly error: InputError;
}

export type AnyMember = BulkMember | UnusableMember;

export interface BulkContext extends Omit<
  UpdateContext,
  'turn' | 'line' | 'onPhase' | 'shared' | 'beforeWrite'
> {
  readonly bulk: BulkApi;
  /** How to take a record's turn; absent, or undefined for a record: without one. */
  readonly turnFor?: (member: BulkMember) => AcquireTurn | undefined;
}

export interface BulkOptions {
  /** Records in the first batch; the size follows conflicts and what the API answers. */
  readonly batchSize: number;
  /** Requests under way at a time, within the limit of the endpoint; undefined: a few. */
  readonly parallel: number | undefined;
  /** Milliseconds after each batch in which nothing is sent; above 0 one batch goes at a time. */
  readonly pauseMs: number;
  /** All or nothing. */
  readonly atomic: boolean;
}

export interface BulkEvents {
  /** One record is over. */
  readonly onResult: (index: number, output: UpdateOutput) => void;
  /** The flow stops, and one record is not over. */
  readonly onStopped?: (index: number, error: StopError) => void;
  /** A request has ended. */
  readonly onProgress?: (summary: () => BulkSummary) => void;
  /** Once for each code. */
  readonly onNotice?: Notify;
}

/**
 * Updates many records: every one by the decisions of a single update and on the condition of its own version, their
 * requests sent together as far as the API takes that. Each record gets its result as soon as it is over.
 * Throws InputError `GROUP_UNSUPPORTED` or `GROUP_TOO_LARGE` before any request leaves, and StopError when `context.stop` fires.
 */
export async function updateRecords(
  members: Iterable<AnyMember>,
  context: BulkContext,
  options: BulkOptions,
  events: BulkEvents,
): Promise<BulkSummary> {
  if (!options.atomic) return new BulkRun(context, options, events).run(members);
  const group = groupOf(members, context);
  return new BulkRun(context, options, events, group).run(group);
}

/** Sorted by address, so that two groups take the turns of their records in the same order. */
function groupOf(
  members: Iterable<AnyMember>,
  { bulk: { writes }, family }: BulkContext,
): AnyMember[] {
  if (writes?.canGroup !== true) {
    throw new InputError(
      'GROUP_UNSUPPORTED',
      `${family.label} has no way to write several records all or nothing, as this endpoint is set up. Switch All or nothing off, or set up batches under "Many records" in the endpoint.`,
    );
  }
  const group: AnyMember[] = [];
  for (const member of members) {
    group.push(member);
    if (group.length <= writes.most) continue;
    throw new InputError(
      'GROUP_TOO_LARGE',
      `All or nothing goes with at most ${String(writes.most)} records at this API. Send fewer at once, or switch it off.`,
    );
  }
  return group.sort((a, b) => compare(addressOf(a), addressOf(b)));
}

function addressOf(member: AnyMember): string {
  return 'request' in member ? member.request.ref.url : '';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Records under way at a time: enough for full requests, few enough for the memory. */
const MOST_UNDER_WAY = 500;

class BulkRun {
  private readonly intake: Intake;
  private readonly tally: BulkTally;
  private readonly group: GroupWrites | undefined;
  private readonly shared: SharedRequests;
  /** Of all records that need no turn of their own. */
  private readonly common: UpdateContext;
  private readonly dispatcher: Dispatcher;
  private readonly stops: StopError[] = [];
  private fault: Error | undefined;
  private refused = 0;

  constructor(
    private readonly context: BulkContext,
    options: BulkOptions,
    private readonly events: BulkEvents,
    group?: readonly AnyMember[],
  ) {
    const { family, bulk, time, stop, kill, idempotency } = context;
    const notify = onceEach(events.onNotice ?? (() => undefined));
    this.tally = new BulkTally(time, () => events.onProgress?.(this.summary));
    this.intake = new Intake(group === undefined ? MOST_UNDER_WAY : group.length);
    const requests = new Requests(context, kill, this.tally, options.parallel);
    const dispatcher = new Dispatcher({
      time,
      stop,
      limit: requests.limit,
      pauseMs: options.pauseMs,
    });
    const round = new Round(context.random, context.budget);
    const reads = new ListReads({ family, reads: bulk.reads, requests, dispatcher, round, notify });
    const parts = { family, idempotency, requests, dispatcher, round, reads };
    const writes =
      group === undefined || bulk.writes === undefined
        ? new BatchWrites({ ...parts, writes: bulk.writes, notify, batchSize: options.batchSize })
        : (this.group = new GroupWrites({ ...parts, writes: bulk.writes }, group.length));
    this.shared = {
      read: read => reads.read(read),
      write: write => writes.write(write),
    };
    this.dispatcher = dispatcher;
    const budget = round.budget === undefined ? {} : { budget: round.budget };
    const own = { ...budget, shared: this.shared, random: round.random, time: dispatcher.time };
    this.common = { ...context, ...own, turn: undefined };
  }

  private readonly summary = (): BulkSummary => this.tally.summary();

  async run(members: Iterable<AnyMember>): Promise<BulkSummary> {
    try {
      for (const member of members) {
        if (this.context.stop.aborted) break;
        const starting = 'error' in member ? this.refuse(member) : this.start(member);
        // Seldom a promise, and waiting for what has begun costs.
        if (starting !== undefined) await starting;
      }
      await this.intake.allOver();
    } finally {
      this.dispatcher.close();
    }
    if (this.fault !== undefined) throw this.fault;
    if (this.context.stop.aborted) throw this.stopped();
    return this.summary();
  }

  /** An item that is none is the others' affair only where it is all or nothing. Thousands of them must not stop other flows. */
  private refuse({ index, key, error }: UnusableMember): Promise<void> | undefined {
    this.end(index, unusable(key ?? '', error));
    return ++this.refused % MOST_AT_ONCE === 0 ? setImmediate() : undefined;
  }

  /**
   * Undefined: the next one may begin; otherwise resolves once it may. In a group that is when this one has its turn: whoever waits for a record then
   * holds only such as come before it, so that two groups never wait for each other.
   */
  private start(member: BulkMember): Promise<void> | undefined {
    if (this.group === undefined) {
      return this.intake.start(onHeld => this.update(member, { onHeld, onTurn: unheard }));
    }
    return new Promise(onTurn => {
      const begin = (onHeld: Turning['onHeld']): Promise<void> =>
        this.update(member, { onHeld, onTurn }).then(onTurn);
      void this.intake.start(begin);
    });
  }

  private async update(member: BulkMember, turning: Turning): Promise<void> {
    const { index, request } = member;
    try {
      const output = await this.outputFor(member, turning);
      this.end(index, output);
    } catch (error) {
      if (error instanceof InputError) this.end(index, unusable(request.ref.key, error));
      else this.breakOff(index, error);
    }
  }

  /** The record is not over: the flow stops, or something is wrong that nobody has foreseen, and then with this one only. */
  private breakOff(index: number, error: unknown): void {
    if (error instanceof StopError) {
      this.stops.push(error);
      this.events.onStopped?.(index, error);
    } else this.fault ??= error instanceof Error ? error : new Error(String(error));
    this.group?.over('a record was not carried through');
  }

  private outputFor(member: BulkMember, turning: Turning): Promise<UpdateOutput> | UpdateOutput {
    const { request } = member;
    const reason = this.group?.failure;
    if (reason !== undefined) return neverRan(request, reason, this.context);
    return updateRecord(request, this.common, this.turnFor(member, turning));
  }

  private turnFor(member: BulkMember, turning: Turning): AcquireTurn | undefined {
    const turn = this.context.turnFor?.(member);
    if (turn !== undefined) return toldOf(turn, turning);
    turning.onTurn();
    return undefined;
  }

  private end(index: number, output: UpdateOutput): void {
    const { result } = output;
    this.tally.ended(result);
    const isDone = DONE_OUTCOMES.includes(result.outcome);
    this.group?.over(
      isDone ? undefined : `record ${shownKey(result)} ended as "${result.outcome}"`,
    );
    try {
      this.events.onResult(index, output);
    } catch (error) {
      this.fault ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  private stopped(): StopError {
    const inDoubt = this.stops.filter(({ code }) => code === 'UPDATE_UNCERTAIN');
    const { records } = this.summary();
    const message = `The flow was stopped: ${String(records)} records were over, ${String(this.stops.length)} were under way.`;
    if (inDoubt.length === 0) return new StopError('STOPPED', message);
    const details = inDoubt.slice(0, MOST_DETAILS).map(stop => stop.message);
    return new StopError(
      'UPDATE_UNCERTAIN',
      `${message} Of ${String(inDoubt.length)} the fate of a write is not known: ${details.join(' ')}`,
    );
  }
}

function unheard(): void {
  // Only in a group somebody waits for the turns.
}

const MOST_DETAILS = 20;

/** Items that are none are over at once: so many before others get their turn. */
const MOST_AT_ONCE = 100;

/** How it goes with the turn of one record. */
interface Turning {
  /** Whether it waits for others: then it takes no room from those that can go on. */
  readonly onHeld: (isHeld: boolean) => void;
  /** It has its turn, or needs none. */
  readonly onTurn: () => void;
}

function toldOf(turn: AcquireTurn, { onHeld, onTurn }: Turning): AcquireTurn {
  return (waitMs, signal, onWait) => {
    const held = (): void => {
      onHeld(true);
      onWait();
    };
    const taking = turn(waitMs, signal, held);
    if (!(taking instanceof Promise)) return told(taking, onTurn);
    return taking
      .then(taken => told(taken, onTurn))
      .finally(() => {
        onHeld(false);
      });
  };
}

function told(taken: Lease | NotAcquired, onTurn: () => void): Lease | NotAcquired {
  if (taken.granted) onTurn();
  return taken;
}

function shownKey({ key }: UpdateResult): string {
  return JSON.stringify(key);
}

function unusable(key: RecordKey, { code, message }: InputError): UpdateOutput {
  const result: UpdateResult = {
    outcome: 'rejected',
    verified: false,
    key,
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: 0,
    error: { code, message },
  };
  return { result, record: undefined };
}

function neverRan(
  request: UpdateRequest,
  message: string,
  { family, onEnded }: BulkContext,
): UpdateOutput {
  const task = taskOf(request, family);
  const known = knownAtFirst(task);
  const ending = withdrawn({ outcome: 'never-ran', message });
  const output = outputOf(task, known, ending, { durationMs: 0, queuedMs: undefined });
  onEnded?.(endedUpdateOf(task, known, output.result));
  return output;
}
