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

/**
 * One kind of request; `token` is the OAuth2 token endpoint, `batch` a request for many records, which
 * is a `write`, too. A `part` of it is struck by rules for parts and by those that name its record.
 */
export type RequestKind = 'read' | 'write' | 'token' | 'batch' | 'part';

/** A fault and where it strikes. The first rule that strikes wins; latency adds to it. */
export type FaultRule = Fault & {
  /** Default: every kind. */
  readonly on?: RequestKind;
  /** A record's id, or another name of it such as an order number. Default: every record. */
  readonly record?: string;
  /** Share of the requests, 0 to 1. Default 1. */
  readonly rate?: number;
  /** Strikes at most this often; 1 makes a one-shot, several such rules a queue. Default: no limit. */
  readonly times?: number;
};

export type Stage = 'delay' | 'before' | 'after';

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

/** When the rule strikes. Throws, naming the member, when it is not usable: rules also come in as JSON. */
export function checkedStage(rule: FaultRule): Stage {
  const stage = (STAGES as Partial<Record<string, Stage>>)[rule.fault];
  if (stage === undefined) {
    throw new Error(`fault: use one of ${Object.keys(STAGES).join(', ')}`);
  }
  checkDetails(rule);
  const { rate = 1, times = 1 } = rule;
  if (!(rate >= 0 && rate <= 1)) throw new Error('rate: a share from 0 to 1');
  if (!(Number.isInteger(times) && times > 0)) throw new Error('times: a whole number above 0');
  return stage;
}

function checkDetails(rule: FaultRule): void {
  if (rule.fault === 'latency' && !isCount(rule.ms)) throw new Error('ms: milliseconds, 0 or more');
  if (rule.fault === 'oversized' && !isCount(rule.bytes)) throw new Error('bytes: 0 or more');
  if (rule.fault === 'redirect' && typeof rule.location !== 'string') {
    throw new Error('location: where to');
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}
