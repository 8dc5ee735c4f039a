/**
 * - `latency`: `ms` and up to `jitterMs` more before the request is forwarded; joins any other fault.
 * - `reset`: the connection is reset and the server never sees the request.
 * - `reset-after`: the server has processed the request, then the connection is reset.
 * - `lost-response`: the server has processed the request, then the connection is closed without an answer.
 * - `throttled`, `unavailable`: 429 or 503 with Retry-After in place of forwarding.
 * - `error-after-commit`: 504 although the server has processed the request.
 * - `truncated`: half of the body, then the connection is closed.
 * - `stale-read`: a GET is answered with the representation before the one that the server has.
 * - `etag-removed`, `etag-suffixed`: the answer's ETag header is gone, or ends in `-gzip`.
 */
export type ProxyFault =
  | 'latency'
  | 'reset'
  | 'reset-after'
  | 'lost-response'
  | 'throttled'
  | 'unavailable'
  | 'error-after-commit'
  | 'truncated'
  | 'stale-read'
  | 'etag-removed'
  | 'etag-suffixed';

export interface SeenRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
}

export interface ProxyFaultRule {
  readonly fault: ProxyFault;
  /** Which requests it may strike; absent: all. */
  readonly on?: (request: SeenRequest) => boolean;
  /** Share of those requests, 0 to 1; absent: every one. */
  readonly rate?: number;
  /** How often it strikes at most. */
  readonly times?: number;
  /** Of `latency`, milliseconds. */
  readonly ms?: number;
  readonly jitterMs?: number;
  /** Of `throttled` and `unavailable`; absent: the header is left out. */
  readonly retryAfter?: string;
}

export const reads = ({ method }: SeenRequest): boolean => method === 'GET';
export const writes = ({ method }: SeenRequest): boolean => method !== 'GET' && method !== 'HEAD';

/** What happens to one request. */
export interface Strikes {
  readonly delayMs: number;
  /** All but latency, in the order of the rules. */
  readonly rules: readonly ProxyFaultRule[];
}

/** Decides for every request which rules strike it; the same seed and requests give the same strikes. */
export class FaultDice {
  private readonly struck = new Map<ProxyFaultRule, number>();

  constructor(
    private readonly rules: readonly ProxyFaultRule[],
    private readonly random: () => number,
  ) {}

  roll(request: SeenRequest): Strikes {
    const rules = this.rules.filter(rule => this.strikes(rule, request));
    const delayMs = rules
      .filter(({ fault }) => fault === 'latency')
      .reduce((sum, { ms = 0, jitterMs = 0 }) => sum + ms + jitterMs * this.random(), 0);
    return { delayMs, rules: rules.filter(({ fault }) => fault !== 'latency') };
  }

  private strikes(rule: ProxyFaultRule, request: SeenRequest): boolean {
    const { on = () => true, rate = 1, times = Infinity } = rule;
    const soFar = this.struck.get(rule) ?? 0;
    if (soFar >= times || !on(request) || this.random() >= rate) return false;
    this.struck.set(rule, soFar + 1);
    return true;
  }
}
