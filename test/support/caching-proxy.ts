import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange, mapHeader, type Exchanged } from './fault-proxy-exchange';

/** A cache as careless ones are: it keeps what it has read for its time, whoever writes meanwhile. */
export class CachingProxy {
  /** How many reads it has answered itself. */
  hits = 0;
  private readonly kept = new Map<string, { readonly answer: Exchanged; readonly at: number }>();
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = createServer(
    { keepAliveTimeout: 0 },
    (req, res) => void this.serve(req, res),
  );

  private constructor(
    private readonly origin: URL,
    private readonly keepsMs: number,
  ) {}

  /** `origin` without a path. */
  static async start(origin: string, keepsMs: number): Promise<CachingProxy> {
    const proxy = new CachingProxy(new URL(origin), keepsMs);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method, url = '' } = req;
    const kept = method === 'GET' ? this.kept.get(url) : undefined;
    const ageMs = Date.now() - (kept?.at ?? 0);
    if (kept !== undefined && ageMs < this.keepsMs) {
      this.hits += 1;
      // In whole seconds, and no answer of a cache is from this very moment.
      const age = String(Math.max(1, Math.floor(ageMs / 1000)));
      send(res, kept.answer, ['Age', age, 'X-Cache-Status', 'HIT']);
      return;
    }
    const answer = await exchange(this.origin, this.agent, req);
    if (method === 'GET') this.kept.set(url, { answer, at: Date.now() });
    send(res, answer, ['X-Cache-Status', 'MISS']);
  }
}

function send(
  res: ServerResponse,
  { status, statusText, headers, body }: Exchanged,
  more: readonly string[],
): void {
  const own = mapHeader(headers, 'age', () => undefined);
  res.writeHead(status, statusText, [...own, ...more]).end(body);
}
