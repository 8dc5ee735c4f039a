import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { draw, hashText } from '../../sandbox/random';
import { exchange, mapHeader, type Exchanged } from './fault-proxy-exchange';
import { FaultDice, type ProxyFault, type ProxyFaultRule } from './fault-proxy-rules';

export interface FaultProxyOptions {
  readonly rules?: readonly ProxyFaultRule[];
  readonly seed?: number;
}

/** A request that arrived at the proxy. */
export interface ProxiedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** Stands on 127.0.0.1 before any HTTP server and lets go wrong what its rules say. */
export class FaultProxy {
  /** Every request, in the order of their arrival. */
  readonly requests: ProxiedRequest[] = [];
  private readonly struck = new Map<ProxyFault, number>();
  private readonly random: () => number;
  private readonly memory = new StaleReads();
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = createServer(
    { keepAliveTimeout: 0 },
    (req, res) => void this.serve(req, res),
  );
  private dice: FaultDice;

  private constructor(
    private readonly origin: URL,
    { rules = [], seed = 1 }: FaultProxyOptions,
  ) {
    const hash = hashText('fault proxy', seed);
    let turn = 0;
    this.random = () => draw(hash, turn++, 0);
    this.dice = new FaultDice(rules, this.random);
  }

  /** `origin` without a path, for example `http://127.0.0.1:4004`. */
  static async start(origin: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(origin), options);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Replaces the rules; what they have struck so far stays counted. */
  use(rules: readonly ProxyFaultRule[]): void {
    this.dice = new FaultDice(rules, this.random);
  }

  /** How often a fault took effect. */
  count(fault: ProxyFault): number {
    return this.struck.get(fault) ?? 0;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = req;
    this.requests.push({ method, url, headers });
    const { delayMs, rules } = this.dice.roll({ method, url });
    if (delayMs > 0) {
      this.strike('latency');
      await sleep(delayMs);
      if (!this.server.listening) return;
    }
    if (rules.some(rule => this.instead(rule, req, res))) return;
    try {
      this.answer(await exchange(this.origin, this.agent, req), rules, req, res);
    } catch {
      // What breaks on the way to the origin breaks for the client, too.
      req.socket.destroy();
    }
  }

  /** Faults that the origin never hears of. */
  private instead(rule: ProxyFaultRule, req: IncomingMessage, res: ServerResponse): boolean {
    const { fault, retryAfter } = rule;
    if (fault === 'reset') {
      req.socket.resetAndDestroy();
    } else if (fault === 'throttled' || fault === 'unavailable') {
      req.resume();
      const headers = retryAfter === undefined ? {} : { 'Retry-After': retryAfter };
      res.writeHead(fault === 'throttled' ? 429 : 503, headers).end();
    } else {
      return false;
    }
    this.strike(fault);
    return true;
  }

  private answer(
    fresh: Exchanged,
    rules: readonly ProxyFaultRule[],
    req: IncomingMessage,
    res: ServerResponse,
  ): void {
    const answer = this.altered(fresh, rules, req);
    if (rules.some(({ fault }) => this.after(fault, answer, req, res))) return;
    res.writeHead(answer.status, answer.statusText, [...answer.headers]).end(answer.body);
  }

  /** Faults that spoil the answer although the origin has done what it was asked. */
  private after(
    fault: ProxyFault,
    answer: Exchanged,
    { socket }: IncomingMessage,
    res: ServerResponse,
  ): boolean {
    if (fault === 'reset-after') socket.resetAndDestroy();
    else if (fault === 'lost-response') socket.destroy();
    else if (fault === 'error-after-commit') res.writeHead(504).end();
    else if (fault === 'truncated' && answer.body.length > 1) truncate(answer, res);
    else return false;
    this.strike(fault);
    return true;
  }

  private altered(
    fresh: Exchanged,
    rules: readonly ProxyFaultRule[],
    { method, url = '' }: IncomingMessage,
  ): Exchanged {
    const earlier = method === 'GET' ? this.memory.before(url, fresh) : undefined;
    return rules.reduce((answer, { fault }) => {
      const changed = change(answer, fault, earlier);
      if (changed !== answer) this.strike(fault);
      return changed;
    }, fresh);
  }

  private strike(fault: ProxyFault): void {
    this.struck.set(fault, this.count(fault) + 1);
  }
}

/** What every address answered before it answered what it does now. */
class StaleReads {
  private readonly seen = new Map<string, { now: Exchanged; before?: Exchanged }>();

  /** Remembers an answer; the one before it that differed. */
  before(url: string, fresh: Exchanged): Exchanged | undefined {
    const known = this.seen.get(url);
    if (known?.now.body.equals(fresh.body) === true) return known.before;
    this.seen.set(url, { now: fresh, ...(known === undefined ? {} : { before: known.now }) });
    return known?.now;
  }
}

function change(answer: Exchanged, fault: ProxyFault, earlier: Exchanged | undefined): Exchanged {
  if (fault === 'stale-read') return earlier ?? answer;
  if (fault === 'etag-removed') return withEtag(answer, () => undefined);
  if (fault === 'etag-suffixed') return withEtag(answer, etag => etag.replace(/"$/, '-gzip"'));
  return answer;
}

function withEtag(answer: Exchanged, map: (etag: string) => string | undefined): Exchanged {
  const headers = mapHeader(answer.headers, 'etag', map);
  return headers.join() === answer.headers.join() ? answer : { ...answer, headers };
}

function truncate({ status, statusText, headers, body }: Exchanged, res: ServerResponse): void {
  const sized = mapHeader(headers, 'content-length', () => undefined);
  res.writeHead(status, statusText, [...sized, 'Content-Length', String(body.length)]);
  res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.socket?.destroy());
}
