import type { BulkWrites, MemberAnswer } from '../../api/bulk/bulk-api';
import type { ApiFamily } from '../../api/family';
import { hasSucceeded, type Answer, type Fault } from '../../outcome/answer';
import type { WireRequest } from '../../transport/transport';
import type { SharedWrite, UpdateContext, Withdrawn } from '../context';
import { BatchRequests, type AskedWrite } from './batch-request';
import { tellingAll } from './broken';
import { ANSWER_MISSING, CONFLICTS, movedAmong, NO_BATCHES, unlessHtml } from './batch-writes';
import type { Dispatcher, Job, Queue } from './dispatcher';
import type { ListReads } from './list-reads';
import { STOPPED, type Requests } from './requests';
import type { Round } from './round';

export interface GroupParts {
  readonly family: ApiFamily;
  readonly writes: BulkWrites;
  readonly idempotency: UpdateContext['idempotency'];
  readonly requests: Requests;
  readonly dispatcher: Dispatcher;
  readonly round: Round;
  /** Shows which members have moved, where the answer does not. */
  readonly reads: ListReads;
}

/**
 * Writes all records of a run in one change set, or none. The group leaves once every member that is not over is ready;
 * when it is rolled back, the member that caused it hears of it as of a write of its own, and the others wait for it.
 */
export class GroupWrites implements Queue {
  private waiting: AskedWrite[] = [];
  private readonly batches: BatchRequests;
  private hasBeenSent = false;
  /** An answer to it was lost: it may still be applied by a server that is slow. */
  private mayStillLand = false;
  /** Why the group cannot be written any more. */
  private reason: string | undefined;

  /** @param members that are not over yet */
  constructor(
    private readonly parts: GroupParts,
    private members: number,
  ) {
    this.batches = new BatchRequests(parts.writes, parts.idempotency);
    parts.dispatcher.add('writes', this);
  }

  write({ request, plan, onSent }: SharedWrite): Promise<Answer | Fault | Withdrawn> {
    const { dispatcher } = this.parts;
    return new Promise((tell, fail) => {
      const asked = { request, plan, tell, fail, sent: dispatcher.waiter(onSent) };
      if (this.reason !== undefined) tell(this.withdrawn(this.reason));
      else this.waiting.push(asked);
      dispatcher.wake();
    });
  }

  /** Why nothing of the group will be written; undefined: it still may be. */
  get failure(): string | undefined {
    return this.reason === undefined ? undefined : this.withdrawn(this.reason).message;
  }

  /** @param failure why, where the record does not hold what was wanted: then no other can be written either */
  over(failure: string | undefined): void {
    this.members -= 1;
    if (failure !== undefined) this.giveUp(failure);
    this.parts.dispatcher.wake();
  }

  next(): Job | undefined {
    if (this.waiting.length === 0 || this.waiting.length < this.members) return undefined;
    const asked = this.waiting.splice(0);
    return () => tellingAll(asked, () => this.send(asked));
  }

  abandon(): void {
    for (const { tell } of this.waiting.splice(0)) tell(STOPPED);
  }

  private giveUp(reason: string): void {
    this.reason ??= reason;
    for (const { tell } of this.waiting.splice(0)) tell(this.withdrawn(this.reason));
  }

  private withdrawn(reason: string): Withdrawn {
    const outcome = this.hasBeenSent ? 'rolled-back' : 'never-ran';
    const limits = this.mayStillLand ? ', as far as is known: an answer to it was lost' : '';
    const message = `All or nothing, and ${reason}. Nothing of the group was written${limits}.`;
    return { kind: 'withdrawn', outcome, message };
  }

  private async send(asked: readonly AskedWrite[]): Promise<void> {
    const { requests, dispatcher } = this.parts;
    const request = this.requestFor(asked);
    if (request === undefined) return;
    for (const { sent } of asked) sent();
    const result = await requests.write(request);
    if (result.kind === 'fault') this.onFault(asked, result);
    // Not awaited: it may read the members, and such a read waits until this request is over.
    else void tellingAll(asked, () => this.onAnswer(asked, result));
    await dispatcher.rest();
  }

  /** Undefined: a member cannot be part of a batch, so there is no group. */
  private requestFor(asked: readonly AskedWrite[]): WireRequest | undefined {
    try {
      return this.batches.requestFor(asked, true);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.waiting.push(...asked);
      this.giveUp(`the batch cannot be made: ${why.replace(/\.$/, '')}`);
      return undefined;
    }
  }

  private onFault(asked: readonly AskedWrite[], fault: Fault): void {
    if (fault.sent !== 'no') this.hasBeenSent = this.mayStillLand = true;
    this.tellAll(asked, fault);
  }

  private async onAnswer(asked: readonly AskedWrite[], answer: Answer): Promise<void> {
    const told = this.parts.writes.answersIn(answer, asked, { atomic: true });
    if (told.kind === 'whole' && NO_BATCHES.includes(answer.status)) {
      // About the address of the batch: as an answer to its members, a 404 would say that they are gone.
      this.waiting.push(...asked);
      this.giveUp(
        `the API answered the batch with HTTP ${String(answer.status)}: check "Many records" in the endpoint`,
      );
      return;
    }
    this.hasBeenSent = true;
    if (told.kind === 'members') {
      this.parts.round.next();
      asked.forEach((write, place) => {
        write.tell(answerOf(told.members[place]));
      });
      return;
    }
    const cause = told.kind === 'rolled-back' ? told.cause : undefined;
    const reason = told.kind === 'rolled-back' ? told.answer : answer;
    const causes = await this.causesAmong(asked, reason, cause);
    this.tellAll(causes, hasSucceeded(reason) ? unlessHtml(reason) : reason);
    this.wait(asked.filter(write => !causes.includes(write)));
  }

  /** The members that the group failed for; all of them where nothing tells. */
  private async causesAmong(
    asked: readonly AskedWrite[],
    { status }: Answer,
    place: number | undefined,
  ): Promise<readonly AskedWrite[]> {
    const cause = place === undefined ? undefined : asked[place];
    if (cause !== undefined) return [cause];
    if (!CONFLICTS.includes(status)) return asked;
    const moved = await movedAmong(asked, this.parts.reads, this.parts.family);
    return moved.length === 0 ? asked : moved.map(({ write }) => write);
  }

  /** The others are as ready as before, unless the group has failed for good meanwhile. */
  private wait(asked: readonly AskedWrite[]): void {
    if (this.parts.requests.isStopped) this.tellAll(asked, STOPPED);
    else this.waiting.push(...asked);
    if (this.reason !== undefined) this.giveUp(this.reason);
  }

  private tellAll(asked: readonly AskedWrite[], result: Answer | Fault): void {
    this.parts.round.next();
    for (const { tell } of asked) tell(result);
  }
}

/** All succeeded, or the group would have been rolled back. */
function answerOf(member: MemberAnswer | undefined): Answer | Fault {
  return member?.kind === 'answer' ? member.answer : ANSWER_MISSING;
}
