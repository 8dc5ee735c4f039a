import type { BulkWrites, MemberAnswer } from '../../api/bulk/bulk-api';
import type { ApiFamily } from '../../api/family';
import { hasSucceeded, type Answer, type Fault } from '../../outcome/answer';
import { hasBody } from '../../outcome/body-kind';
import { sameValue } from '../../record/compare';
import type { WireRequest } from '../../transport/transport';
import type { SharedWrite, UpdateContext, Withdrawn } from '../context';
import { BatchRequests, type AskedWrite } from './batch-request';
import { BatchSize } from './batch-size';
import { tellingAll } from './broken';
import type { Dispatcher, Job, Queue } from './dispatcher';
import type { ListReads } from './list-reads';
import type { Notify } from './notice';
import { STOPPED, type Requests } from './requests';
import type { Round } from './round';

export interface BatchParts {
  readonly family: ApiFamily;
  /** Undefined: every record is written alone. */
  readonly writes: BulkWrites | undefined;
  readonly idempotency: UpdateContext['idempotency'];
  readonly requests: Requests;
  readonly dispatcher: Dispatcher;
  readonly round: Round;
  readonly notify: Notify;
  /** Shows which of a batch have moved, where its answer does not. */
  readonly reads: ListReads;
  /** Records in the first batch. */
  readonly batchSize: number;
}

/** Not executed, because of another member: so often a member goes again before that counts as a trouble of its own. */
const MOST_PASSED_OVER = 3;

/** The address takes no batches. */
export const NO_BATCHES: readonly number[] = [404, 405, 406, 410, 411, 415, 426, 501, 505];

const TOO_LARGE: readonly number[] = [413, 414, 431];

/** SAP CAP says so with a 429, whichever protocol, and so family, it is reached by. */
const TOO_MANY_PARTS = 'BATCH_TOO_MANY_REQ';

/** A member met another version. */
export const CONFLICTS: readonly number[] = [409, 412];

/** Refusals of a whole batch for something in it, without a word on which member. */
const REFUSED: readonly number[] = [400, 422, ...CONFLICTS];

/** Writes records in batches, each on the condition of its own version and independent of the others. */
export class BatchWrites implements Queue {
  private readonly waiting: AskedWrite[] = [];
  private readonly alone: AskedWrite[] = [];
  /** Parts of a batch that was refused as a whole: which of them is the reason? */
  private readonly halves: AskedWrite[][] = [];
  private readonly passedOver = new WeakMap<AskedWrite, number>();
  /** Addresses of records whose batch was refused as a whole: the API may have come to some of them before that. */
  private readonly refusedBefore = new Set<string>();
  private readonly size: BatchSize;
  private writes: BulkWrites | undefined;
  private readonly batches: BatchRequests | undefined;

  constructor(private readonly parts: BatchParts) {
    const { writes, idempotency, batchSize, dispatcher } = parts;
    this.writes = writes;
    parts.requests.isAlone = writes === undefined;
    this.batches = writes && new BatchRequests(writes, idempotency);
    this.size = new BatchSize(batchSize, writes?.most ?? 1);
    dispatcher.add('writes', this);
  }

  write({ request, plan, onSent }: SharedWrite): Promise<Answer | Fault | Withdrawn> {
    const { dispatcher } = this.parts;
    return new Promise((tell, fail) => {
      this.waiting.push({ request, plan, tell, fail, sent: dispatcher.waiter(onSent) });
      dispatcher.wake();
    });
  }

  next(isQuiet: boolean): Job | undefined {
    if (this.writes === undefined) this.alone.push(...this.waiting.splice(0));
    const single = this.alone.shift();
    if (single !== undefined) return this.jobFor([single]);
    const half = this.halves.shift();
    if (half !== undefined) return this.jobFor(half);
    const { size } = this.size;
    const isDue = this.waiting.length >= size || (isQuiet && this.waiting.length > 0);
    return isDue ? this.jobFor(this.waiting.splice(0, size)) : undefined;
  }

  abandon(): void {
    const waiting = [...this.alone.splice(0), ...this.halves.splice(0).flat()];
    for (const { tell } of [...waiting, ...this.waiting.splice(0)]) tell(STOPPED);
  }

  private jobFor(asked: readonly AskedWrite[]): Job {
    const [first] = asked;
    const isSingle = first !== undefined && asked.length === 1;
    return () =>
      tellingAll(asked, () => (isSingle ? this.writeAlone(first) : this.writeBatch(asked)));
  }

  private async writeAlone(write: AskedWrite): Promise<void> {
    write.sent();
    const result = await this.parts.requests.write(write.request);
    if (result.kind === 'answer') this.learnFrom([write], [{ kind: 'answer', answer: result }]);
    this.parts.round.next();
    if (result.kind === 'answer') this.tellAnswer(write, result);
    else write.tell(result);
    await this.parts.dispatcher.rest();
  }

  private async writeBatch(asked: readonly AskedWrite[]): Promise<void> {
    const request = this.requestFor(asked);
    if (request === undefined) {
      this.writeLater(this.alone, asked);
      return;
    }
    for (const { sent } of asked) sent();
    const result = await this.parts.requests.write(request);
    if (result.kind === 'fault') this.onFault(asked, result);
    else this.onAnswer(asked, result);
    await this.parts.dispatcher.rest();
  }

  /** Undefined: a member cannot be part of a batch. Alone, the request that it would be says so. */
  private requestFor(asked: readonly AskedWrite[]): WireRequest | undefined {
    try {
      return this.batches?.requestFor(asked, false);
    } catch {
      return undefined;
    }
  }

  /** Everyone's write may have been applied. */
  private onFault(asked: readonly AskedWrite[], fault: Fault): void {
    if (fault.code === 'TIMEOUT' || fault.code === 'RESPONSE_TOO_LARGE') this.size.halve();
    this.tellAll(asked, fault);
  }

  private onAnswer(asked: readonly AskedWrite[], answer: Answer): void {
    const told = this.writes?.answersIn(answer, asked, { atomic: false });
    if (told?.kind === 'members') this.onMembers(asked, told.members);
    else this.onWhole(asked, answer);
  }

  private onMembers(asked: readonly AskedWrite[], members: readonly MemberAnswer[]): void {
    this.learnFrom(asked, members);
    const again: AskedWrite[] = [];
    this.parts.round.next();
    asked.forEach((write, place) => {
      const member = members[place] ?? UNTOLD;
      if (member.kind === 'untold') write.tell(ANSWER_MISSING);
      else if (member.kind === 'answer' && !isCollateral(member))
        this.tellAnswer(write, member.answer);
      else if (this.mayPass(write)) again.push(write);
      else write.tell(NOT_EXECUTED);
    });
    this.writeLater(this.waiting, again);
  }

  /** Who meets another version after a batch was refused as a whole may have met his own work. */
  private tellAnswer(write: AskedWrite, answer: Answer): void {
    if (!CONFLICTS.includes(answer.status) || !this.refusedBefore.delete(write.plan.ref.url)) {
      write.tell(answer);
      return;
    }
    // Not awaited: the read waits until this request is over.
    void tellingAll([write], async () => {
      const { reads, family } = this.parts;
      const [moved] = await movedAmong([write], reads, family);
      const isOurs = moved !== undefined && showsOurs(write, moved.seen, family);
      write.tell(isOurs ? ANSWER_MISSING : answer);
    });
  }

  /** Also from a batch of one: where batches have become that small, it tells when they may grow again. */
  private learnFrom(asked: readonly AskedWrite[], members: readonly MemberAnswer[]): void {
    if (members.some(isOverload)) this.size.halve();
    else
      this.learnConflicts(
        asked,
        asked.filter((_, place) => isConflict(members[place] ?? UNTOLD)),
      );
  }

  /** A version that only a cache had shown was old from the beginning: a smaller batch would have met it, too. */
  private learnConflicts(asked: readonly AskedWrite[], conflicts: readonly AskedWrite[]): void {
    const { cachedReads } = this.parts.family;
    const telling = conflicts.filter(
      ({ plan: { read } }) => read === undefined || cachedReads?.isCached(read) !== true,
    );
    const fromCache = conflicts.length - telling.length;
    this.size.answered(asked.length - fromCache, telling.length);
  }

  /** Nothing has been tried, so nothing is counted; an API that never comes to it is another matter. */
  private mayPass(write: AskedWrite): boolean {
    const times = (this.passedOver.get(write) ?? 0) + 1;
    this.passedOver.set(write, times);
    return times <= MOST_PASSED_OVER;
  }

  /** An answer that names no members. */
  private onWhole(asked: readonly AskedWrite[], answer: Answer): void {
    const { status } = answer;
    if (hasSucceeded(answer)) {
      this.tellAll(asked, unlessHtml(answer));
      return;
    }
    for (const { plan } of asked) this.refusedBefore.add(plan.ref.url);
    if (this.isTooLarge(answer)) this.splitFrom(asked);
    else if (NO_BATCHES.includes(status)) this.withoutBatches(asked, answer);
    else if (REFUSED.includes(status)) {
      // Not awaited: it reads the members, and such a read waits until this request is over.
      void tellingAll(asked, () => this.findReason(asked, answer));
    } else {
      if (status === 429 || status === 503 || status === 504) this.size.halve();
      this.tellAll(asked, answer);
    }
  }

  private isTooLarge(answer: Answer): boolean {
    if (TOO_LARGE.includes(answer.status)) return answer.headers['retry-after'] === undefined;
    return this.parts.family.errorOf(answer).code === TOO_MANY_PARTS;
  }

  private splitFrom(asked: readonly AskedWrite[]): void {
    this.size.isTooMany(asked.length);
    this.writeLater(this.waiting, asked);
  }

  private withoutBatches(asked: readonly AskedWrite[], { status }: Answer): void {
    this.writes = undefined;
    this.parts.requests.isAlone = true;
    this.parts.notify(noBatches(status));
    this.writeLater(this.alone, asked);
  }

  /**
   * Refused as a whole: those that have moved are told, the others go again. Not every API undoes what it had done
   * before it met the one it refuses, so whoever shows what was wanted may show our own work.
   */
  private async findReason(asked: readonly AskedWrite[], answer: Answer): Promise<void> {
    const isConflict = CONFLICTS.includes(answer.status);
    const { reads, family } = this.parts;
    const moved = isConflict ? await movedAmong(asked, reads, family) : [];
    if (moved.length === 0) {
      this.halve(asked);
      return;
    }
    this.learnConflicts(
      asked,
      moved.map(({ write }) => write),
    );
    this.parts.round.next();
    for (const { write, seen } of moved) {
      write.tell(showsOurs(write, seen, family) ? ANSWER_MISSING : answer);
    }
    const isMoved = new Set(moved.map(({ write }) => write));
    this.writeLater(
      this.waiting,
      asked.filter(write => !isMoved.has(write)),
    );
  }

  private halve(asked: readonly AskedWrite[]): void {
    const middle = Math.ceil(asked.length / 2);
    if (this.parts.requests.isStopped) this.tellAll(asked, STOPPED);
    else this.halves.push(asked.slice(0, middle), asked.slice(middle));
    this.parts.dispatcher.wake();
  }

  private tellAll(asked: readonly AskedWrite[], result: Answer | Fault): void {
    this.parts.round.next();
    for (const { tell } of asked) tell(result);
  }

  private writeLater(queue: AskedWrite[], asked: readonly AskedWrite[]): void {
    if (this.parts.requests.isStopped) this.tellAll(asked, STOPPED);
    else queue.push(...asked);
    this.parts.dispatcher.wake();
  }
}

/** A member whose record is gone, or shows another version than the one that was sent. */
interface Moved {
  readonly write: AskedWrite;
  readonly seen: Answer;
}

export async function movedAmong(
  asked: readonly AskedWrite[],
  reads: ListReads,
  family: ApiFamily,
): Promise<Moved[]> {
  const answers = await Promise.all(
    asked.map(({ plan }) => {
      const fields = Object.keys(plan.changes).map(name => family.readName(name));
      return reads.read({ ref: plan.ref, fields, onSent: () => undefined });
    }),
  );
  return asked.flatMap((write, place) => {
    const seen = answers[place];
    return isMoved(write, seen, family) ? [{ write, seen }] : [];
  });
}

function showsOurs({ plan }: AskedWrite, seen: Answer, family: ApiFamily): boolean {
  const values = hasSucceeded(seen) ? family.valuesOf(seen) : undefined;
  return Object.entries(plan.changes).every(([name, value]) =>
    sameValue(value, values?.[family.readName(name)]),
  );
}

function isMoved(
  { plan }: AskedWrite,
  seen: Answer | Fault | undefined,
  family: ApiFamily,
): seen is Answer {
  if (seen?.kind !== 'answer' || plan.precondition === 'any') return false;
  return !hasSucceeded(seen) || family.versionOf(seen) !== plan.precondition.version;
}

const UNTOLD: MemberAnswer = { kind: 'untold' };

/** Failed Dependency (RFC 4918 section 11.4): not applied, because of another member. */
function isCollateral({ answer }: Extract<MemberAnswer, { kind: 'answer' }>): boolean {
  return answer.status === 424;
}

/** Too much at once, in the words of a member. */
function isOverload(member: MemberAnswer): boolean {
  return member.kind === 'answer' && [429, 503].includes(member.answer.status);
}

function isConflict(member: MemberAnswer): boolean {
  return member.kind === 'answer' && CONFLICTS.includes(member.answer.status);
}

/** A web page has a meaning of its own; anything else that names no members tells nothing of them. */
export function unlessHtml(answer: Answer): Answer | Fault {
  return hasBody('html', answer) ? answer : ANSWER_MISSING;
}

export const ANSWER_MISSING: Fault = {
  kind: 'fault',
  sent: 'maybe',
  code: 'BATCH_ANSWER_INCOMPLETE',
  message: 'The answer to the batch does not say what became of this record',
  fatal: false,
};

const NOT_EXECUTED: Fault = {
  kind: 'fault',
  sent: 'no',
  code: 'NEVER_RAN',
  message: 'The API stopped before this record, each time it was sent in a batch',
  fatal: false,
};

function noBatches(status: number): { readonly code: string; readonly message: string } {
  return {
    code: 'BATCH_UNUSABLE',
    message: `The API answered the batch with HTTP ${String(status)}, so every record is written alone. Check "Many records" in the endpoint.`,
  };
}
