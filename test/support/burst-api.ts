import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request that waits for its answer. */
export interface Open {
  readonly method: string;
  /** Last part of the address. */
  readonly key: string;
  readonly answer: () => void;
}

/** When a record was read and written, by the API's clock. */
interface Times {
  readAt?: number;
  writtenAt?: number;
}

/**
 * An API with as many records as it is asked for. It takes its time on a clock of its own: nobody is answered until
 * `round` moves that clock on.
 */
export class BurstApi {
  readonly open: Open[] = [];
  /** In the order of their arrival. */
  readonly requests: { readonly method: string; readonly key: string }[] = [];
  /** The most requests that were under way at the same time. */
  most = 0;
  /** Called with every request that has arrived. */
  onArrival: () => void = () => undefined;
  /** Says how a request is answered instead: a status, with headers. Undefined: properly. */
  disturb: (
    open: Omit<Open, 'answer'>,
  ) => { status: number; headers?: Record<string, string> } | undefined = () => undefined;
  private readonly versions = new Map<string, number>();
  private readonly times = new Map<string, Times>();
  private port = 0;

  constructor(private readonly now: () => number) {}

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Keys of the records that were written, in order. */
  get written(): string[] {
    return [...this.versions].filter(([, version]) => version > 1).map(([key]) => key);
  }

  /** Milliseconds between the read and the write of each record that was written. */
  get gaps(): number[] {
    const gaps = [...this.times.values()].map(({ readAt, writtenAt }) =>
      readAt === undefined || writtenAt === undefined ? undefined : writtenAt - readAt,
    );
    return gaps.filter(gap => gap !== undefined);
  }

  async start(): Promise<this> {
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.receive(request, response);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    });
    return this;
  }

  /** Answers everything that has arrived. */
  answerAll(): void {
    for (const { answer } of this.open.splice(0)) answer();
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const key = url.slice(url.lastIndexOf('/') + 1);
      this.requests.push({ method, key });
      this.open.push({
        method,
        key,
        answer: () => this.answer({ method, key }, request, response),
      });
      this.most = Math.max(this.most, this.open.length);
      this.onArrival();
    });
  }

  private answer(
    open: Omit<Open, 'answer'>,
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): void {
    const disturbed = this.disturb(open);
    if (disturbed !== undefined) {
      response.writeHead(disturbed.status, disturbed.headers).end();
      return;
    }
    const version = this.versions.get(open.key) ?? 1;
    const times = this.times.get(open.key) ?? {};
    this.times.set(open.key, times);
    if (open.method === 'GET') {
      times.readAt = this.now();
      reply(response, 200, version, 'Open');
    } else if (headers['if-match'] === etagOf(version)) {
      times.writtenAt = this.now();
      this.versions.set(open.key, version + 1);
      reply(response, 200, version + 1, 'Done');
    } else response.writeHead(412).end();
  }
}

function etagOf(version: number): string {
  return `"v${String(version)}"`;
}

function reply(response: ServerResponse, status: number, version: number, value: string): void {
  response.writeHead(status, { etag: etagOf(version), 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: value }));
}
