import type { Reply } from '../http/reply';
import type { RecordApi } from '../records/record-api';
import { Transaction } from '../records/transaction';
import { isFailure } from './plan';
import type { Part, PartResult, Plan, Unit, UnitResult } from './plan';
import type { BulkSettings } from './settings';

/** One part on its way through the faults to its API. */
export interface PartCall {
  /** Milliseconds that it takes. */
  readonly delay: number;
  process(): Reply;
  /** Told what the client is told of it. */
  log(reply: Reply): void;
}

/** What carries parts out. */
export interface Carrier {
  readonly apis: readonly [RecordApi, ...RecordApi[]];
  readonly settings: Readonly<BulkSettings>;
  call(part: Part): PartCall;
  readonly later: (ms: number, action: () => void) => void;
  /** The answer to a batch that took too long. */
  overtime(): Reply;
}

/** How a plan ended. */
export interface Finish {
  readonly reply: Reply;
  /** Told the final answer of the envelope. */
  readonly log: (envelope: Reply) => void;
}

const RESET: Reply = { status: 0, headers: {}, body: '', cut: 'reset' };

/** Carries out the units one after the other. Calls `done` exactly once, unless `later` never calls back. */
export function runPlan(plan: Plan, carrier: Carrier, done: (finish: Finish) => void): void {
  new Run(plan, carrier, done).goOn();
}

/** The parts of one unit with their calls; a part whose answer is known has none. */
type Calls = ReadonlyMap<Part, PartCall>;

class Run {
  private readonly results: UnitResult[] = [];
  private readonly logs: ((envelope: Reply) => void)[] = [];
  /** Ids of the parts and names of the units that failed. */
  private readonly failures = new Set<string>();
  private spent = 0;
  private cut: Reply['cut'];

  constructor(
    private readonly plan: Plan,
    private readonly carrier: Carrier,
    private readonly done: (finish: Finish) => void,
  ) {}

  goOn(): void {
    for (;;) {
      const unit = this.plan.units[this.results.length];
      if (unit === undefined || this.isOver()) {
        this.finish(this.cut === 'reset' ? RESET : this.plan.answer(this.results));
        return;
      }
      const calls = this.callsFor(unit);
      const delay = Array.from(calls.values()).reduce((sum, call) => sum + call.delay, 0);
      if (delay > 0) {
        this.wait(delay, unit, calls);
        return;
      }
      this.take(unit, calls);
    }
  }

  /** An atomic unit waits for all of its parts first and is then carried out in one go. */
  private wait(delay: number, unit: Unit, calls: Calls): void {
    const { executionMs } = this.carrier.settings;
    if (executionMs > 0 && this.spent + delay > executionMs) {
      this.carrier.later(executionMs - this.spent, () => this.giveUp());
      return;
    }
    this.spent += delay;
    this.carrier.later(delay, () => {
      this.take(unit, calls);
      this.goOn();
    });
  }

  /** What was done before stays. */
  private giveUp(): void {
    const reply = this.carrier.overtime();
    this.plan.onOvertime?.(reply);
    this.finish(reply, false);
  }

  private isOver(): boolean {
    const failed = this.results.at(-1)?.failed !== undefined;
    return this.cut === 'reset' || (failed && this.plan.stopsAtError);
  }

  private callsFor({ parts }: Unit): Calls {
    const open = parts.filter(({ refusal }) => refusal === undefined);
    return new Map(open.map(part => [part, this.carrier.call(part)]));
  }

  private take(unit: Unit, calls: Calls): void {
    const result = unit.isAtomic ? this.together(unit, calls) : this.alone(unit, calls);
    if (result.failed !== undefined && unit.name !== undefined) this.failures.add(unit.name);
    for (const { part, reply } of result.results) {
      if (isFailure(reply) || (unit.isAtomic && result.failed !== undefined)) {
        this.failures.add(part.id);
      }
      this.logs.push(({ cut }) => {
        calls.get(part)?.log(cut === undefined ? reply : { ...reply, cut });
      });
    }
    this.results.push(result);
  }

  private alone(unit: Unit, calls: Calls): UnitResult {
    const results = unit.parts.map(part => this.process(part, calls));
    return { unit, results, failed: results.find(({ reply }) => isFailure(reply)) };
  }

  private together(unit: Unit, calls: Calls): UnitResult {
    const transaction = new Transaction();
    this.join(transaction);
    try {
      const results = this.untilFailure(unit, calls);
      const failed = results.find(({ reply }) => isFailure(reply));
      if (failed === undefined) transaction.commit();
      else transaction.rollBack();
      return { unit, failed, results: failed === undefined ? results : this.told(unit, results) };
    } finally {
      this.join(undefined);
    }
  }

  private join(transaction: Transaction | undefined): void {
    for (const { store } of this.carrier.apis) store.join(transaction);
  }

  /** Where siblings show their own success, all of them are tried. */
  private untilFailure(unit: Unit, calls: Calls): readonly PartResult[] {
    const { siblings } = this.carrier.settings;
    const results: PartResult[] = [];
    for (const part of unit.parts) {
      const result = this.process(part, calls);
      results.push(result);
      if (this.cut === 'reset' || (siblings === '424' && isFailure(result.reply))) break;
    }
    return results;
  }

  /** What the parts of a unit that was rolled back are told. */
  private told(unit: Unit, results: readonly PartResult[]): readonly PartResult[] {
    const replies = new Map(results.map(({ part, reply }) => [part, reply]));
    const { siblings } = this.carrier.settings;
    return unit.parts.map(part => {
      const own = replies.get(part);
      const isOwn = own !== undefined && (siblings === 'success' || isFailure(own));
      return { part, reply: isOwn ? own : this.carrier.apis[0].error(424) };
    });
  }

  /** A connection that a fault cuts is the one of the whole batch. */
  private process(part: Part, calls: Calls): PartResult {
    const missed = part.needs?.some(id => this.failures.has(id)) === true;
    if (missed) return { part, reply: this.carrier.apis[0].error(424) };
    const { cut, ...reply } = part.refusal ?? calls.get(part)?.process() ?? RESET;
    this.cut = cut === 'reset' ? cut : (this.cut ?? cut);
    return { part, reply };
  }

  /** `isTold`: whether the answer says what became of the parts. */
  private finish(reply: Reply, isTold = true): void {
    const { cut } = this;
    this.done({
      reply: cut === undefined ? reply : { ...reply, cut },
      log: envelope => {
        for (const log of this.logs) log(isTold ? envelope : { ...envelope, cut: 'lost' });
      },
    });
  }
}
