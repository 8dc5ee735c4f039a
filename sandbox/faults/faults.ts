import { draw } from '../random';
import { checkedStage } from './fault-rules';
import type { Fault, FaultName, FaultRule, Stage } from './fault-rules';

/** What the random decisions about one request depend on. */
export interface Subject {
  readonly kind: 'read' | 'write' | 'token';
  /** A request for many records, or one of its parts. */
  readonly role?: 'batch' | 'part';
  readonly record: string | undefined;
  readonly hash: number;
  /** Number of earlier requests of this kind for this record. */
  readonly turn: number;
}

interface ActiveRule {
  readonly rule: FaultRule;
  /** Ids of the records it strikes; undefined: every record. */
  readonly records: ReadonlySet<string> | undefined;
  readonly stage: Stage;
  readonly stream: number;
  left: number;
}

/** Rules draw from streams of their own, clear of those of the interference. */
const FIRST_STREAM = 16;

/** The faults that are switched on. */
export class Faults {
  /** How often each fault struck. */
  readonly struck: Partial<Record<FaultName, number>> = {};
  private rules: ActiveRule[] = [];
  private added = 0;

  /** `recordsNamed`: the ids of all records that a rule's `record` may mean. */
  constructor(private readonly recordsNamed: (name: string) => readonly string[]) {}

  /** Throws when the rule is not usable. */
  add(rule: FaultRule): void {
    const stage = checkedStage(rule);
    const records = rule.record === undefined ? undefined : new Set(this.recordsNamed(rule.record));
    const stream = FIRST_STREAM + this.added;
    this.added += 1;
    this.rules.push({ rule, records, stage, stream, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.rules = [];
  }

  /** The rules that can still strike. */
  list(): readonly FaultRule[] {
    return this.rules.map(active =>
      active.left === Infinity ? active.rule : { ...active.rule, times: active.left },
    );
  }

  /** Milliseconds this request waits before it is processed. */
  delayOf(subject: Subject): number {
    const active = this.strike('delay', subject);
    if (active?.rule.fault !== 'latency') return 0;
    const jitter = active.rule.jitterMs ?? 0;
    return active.rule.ms + jitter * draw(subject.hash, subject.turn, -active.stream);
  }

  before(subject: Subject): Fault | undefined {
    return this.strike('before', subject)?.rule;
  }

  after(subject: Subject): Fault | undefined {
    return this.strike('after', subject)?.rule;
  }

  private strike(stage: Stage, subject: Subject): ActiveRule | undefined {
    for (const active of this.rules) {
      if (active.stage !== stage || !applies(active, subject)) continue;
      active.left -= 1;
      if (active.left === 0) this.rules = this.rules.filter(rule => rule !== active);
      const name = active.rule.fault;
      this.struck[name] = (this.struck[name] ?? 0) + 1;
      return active;
    }
    return undefined;
  }
}

function applies({ rule, records, stream }: ActiveRule, subject: Subject): boolean {
  const { kind, role } = subject;
  if (rule.on !== undefined && rule.on !== kind && rule.on !== role) return false;
  // What nobody aims at parts strikes requests as they come in.
  if (role === 'part' && records === undefined && rule.on !== 'part') return false;
  if (records !== undefined && !records.has(subject.record ?? '')) return false;
  const rate = rule.rate ?? 1;
  return rate >= 1 || draw(subject.hash, subject.turn, stream) < rate;
}
