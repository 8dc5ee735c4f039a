import type { StopError } from '../../lib/errors';
import { DONE_OUTCOMES, type UpdateResult } from '../../lib/outcome/outcome';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import { keptBack, stoppedAfter } from '../shared/kept-back';
import { clearCounter } from '../shared/retry-counter';
import type { Waiting } from './collector';
import type { BulkUpdateConfig } from './config';
import type { Outlet, Over } from './outlet';

/** Collected messages come out themselves, each with the result of its record; the last one of all carries the summary. */
export class MessageOutlet implements Outlet {
  private left = 0;
  private last: Over | undefined;

  constructor(
    private readonly waiting: readonly Waiting[],
    private readonly config: BulkUpdateConfig,
  ) {}

  begin(count: number): void {
    this.left = count;
  }

  put(over: Over): void {
    if (--this.left > 0) this.pass(over);
    else this.last = over;
  }

  stopped(items: readonly number[], error: StopError): void {
    for (const item of items) {
      this.waiting[item]?.end(() => {
        throw error;
      });
    }
  }

  end(bulk: BulkSummary): void {
    if (this.last !== undefined) this.pass(this.last, bulk);
  }

  /** Each message ends by itself: where it cannot go on, with an error that tells its result. */
  abandon(): readonly UpdateResult[] {
    if (this.last !== undefined) this.pass(this.last);
    return [];
  }

  progress(bulk: BulkSummary, share: number): void {
    const scope = this.waiting[0]?.scope;
    scope?.send([null, null, { _msgid: scope.newId(), payload: share, bulk }]);
  }

  private pass({ result, record }: Over, bulk?: BulkSummary): void {
    const [last] = result.items.slice(-1);
    for (const [nth, item] of result.items.entries()) {
      const waiting = this.waiting[item];
      if (waiting === undefined) continue;
      const { scope } = waiting;
      // Messages that go different ways share nothing that can be changed.
      const own = nth === 0 ? { result, record } : scope.clone({ result, record });
      if (item === last && bulk !== undefined) scope.msg.bulk = bulk;
      waiting.end(() => {
        this.send(waiting, own);
      });
    }
  }

  private send(
    { scope, face }: Waiting,
    { result, record }: Pick<Over, 'result' | 'record'>,
  ): void {
    const { config } = this;
    const { msg, stop } = scope;
    if (stop.aborted) throw stoppedAfter(result, face.changes);
    try {
      scope.set(config.result, result);
      scope.set(config.record, record);
      // The next update of this message is another one.
      scope.set(config.guard, undefined);
      clearCounter(msg);
      if (DONE_OUTCOMES.includes(result.outcome)) scope.send([msg, null]);
      else scope.send([null, msg], result.outcome);
    } catch (error) {
      throw keptBack(result, face.changes, error);
    }
  }
}
