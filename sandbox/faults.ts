import { draw } from './random';

/** What can be made to go wrong. */
export type Fault =
  /** The request waits before it is processed. */
  | { readonly fault: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** Instead of processing the request: */
  | { readonly fault: 'reset' | 'login-page' | 'unauthorized' }
  /** `retryAfter` is the header as sent, by default `1`. */
  | { readonly fault: 'throttled'; readonly retryAfter?: string }
  /** 503; no Retry-After unless given. */
  | { readonly fault: 'unavailable'; readonly retryAfter?: string }
  | { readonly fault: 'redirect'; readonly location: string; readonly status?: number }
  /** After the request succeeded, instead of its answer or with the answer spoilt: */
  | { readonly fault: 'lost-response' | 'error-after-commit' | 'truncated' | 'unreadable' }
  | { readonly fault: 'oversized'; readonly bytes: number }
  /** The ETag header gets the suffix of a compressing proxy and never matches; bodies stay as they are. */
  | { readonly fault: 'mangled-etag' };

export type FaultName = Fault['fault'];

/** One kind of request; `token` is the OAuth2 token endpoint. */
export type RequestKind = 'read' | 'write' | 'token';

/** A fault and where it strikes. The first rule that strikes wins; latency adds to it. */
export type FaultRule = Fault & {
  /** Default: every kind. */
  readonly on?: RequestKind;
  /** Record id (GUID or order number, work order number). Default: every record. */
  readonly record?: string;
  /** Share of the requests, 0 to 1. Default 1. */
  readonly rate?: number;
  /** Strikes at most this often; 1 makes a one-shot, several such rules a queue. Default: no limit. */
  readonly times?: number;
};

type Stage = 'delay' | 'before' | 'after';

const STAGES: Readonly<Record<FaultName, Stage>> = {
  latency: 'delay',
  reset: 'before',
  'login-page': 'before',
  unauthorized: 'before',
  throttled: 'before',
  unavailable: 'before',
  redirect: 'before',
  'lost-response': 'after',
  'error-after-commit': 'after',
  truncated: 'after',
  unreadable: 'after',
  oversized: 'after',
  'mangled-etag': 'after',
};

/** What the random decisions about one request depend on. */
export interface Subject {
  readonly kind: RequestKind;
  readonly record: string | undefined;
  readonly hash: number;
  /** Number of earlier requests of this kind for this record. */
  readonly turn: number;
}

interface ActiveRule {
  readonly rule: FaultRule;
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

  constructor(private readonly canonicalRecord: (id: string) => string) {}

  /** Throws when the rule is not usable. */
  add(rule: FaultRule): void {
    const stage = checkedStage(rule);
    const record = rule.record === undefined ? {} : { record: this.canonicalRecord(rule.record) };
    const stream = FIRST_STREAM + this.added;
    this.added += 1;
    this.rules.push({ rule: { ...rule, ...record }, stage, stream, left: rule.times ?? Infinity });
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

function applies({ rule, stream }: ActiveRule, subject: Subject): boolean {
  if (rule.on !== undefined && rule.on !== subject.kind) return false;
  if (rule.record !== undefined && rule.record !== subject.record) return false;
  const rate = rule.rate ?? 1;
  return rate >= 1 || draw(subject.hash, subject.turn, stream) < rate;
}

function checkedStage(rule: FaultRule): Stage {
  const stage: Stage | undefined = STAGES[rule.fault];
  if (stage === undefined) {
    throw new Error(`fault: use one of ${Object.keys(STAGES).join(', ')}`);
  }
  const { rate = 1, times = 1 } = rule;
  if (!(rate >= 0 && rate <= 1)) throw new Error('rate: a share from 0 to 1');
  if (!(Number.isInteger(times) && times > 0)) throw new Error('times: a whole number above 0');
  return stage;
}
