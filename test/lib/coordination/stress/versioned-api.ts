import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Values = Readonly<Record<string, unknown>>;

interface Kept {
  readonly version: number;
  readonly values: Values;
}

/** A write that was accepted: what it set, in the order of all of them. */
export interface Write {
  readonly record: string;
  readonly values: Values;
}

/** Whoever says that it is the only one at a key. */
export interface Claim {
  readonly key: string;
  readonly fence: number;
  /** Wall clock, milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** How often an answer is lost, or a request never arrives. */
const FAULT_RATE = 0.01;

/**
 * A small API of records with versions, on 127.0.0.1: `GET` and, with `If-Match`, `PATCH` of `/records/NAME`; every name
 * is a record. `POST` of a claim to `/enter` and `/leave` tells who works on what: it finds two who both had the right to.
 */
export class VersionedApi {
  readonly writes: Write[] = [];
  /** Texts for people. */
  readonly overlaps: string[] = [];
  entered = 0;
  private readonly records = new Map<string, Kept>();
  private readonly inside = new Map<string, Claim>();
  private readonly highest = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly random: () => number,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  /** @param random from 0 to below 1, for lost requests and answers */
  static async start(random: () => number): Promise<VersionedApi> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new VersionedApi(server, random);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  valuesOf(record: string): Values {
    return this.recordOf(record).values;
  }

  private recordOf(name: string): Kept {
    return this.records.get(name) ?? { version: 1, values: { count: 0 } };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const [, kind = '', name = ''] = (request.url ?? '').split('/');
    if (kind === 'records') this.onRecord(request, response, decodeURIComponent(name), body);
    else reply(response, this.onClaim(kind, JSON.parse(body) as Claim) ? 204 : 409);
  }

  private onRecord(
    { method, headers }: IncomingMessage,
    response: ServerResponse,
    name: string,
    body: string,
  ): void {
    const kept = this.recordOf(name);
    if (method !== 'PATCH') {
      reply(response, 200, kept);
      return;
    }
    if (this.random() < FAULT_RATE) {
      response.destroy();
      return;
    }
    if (headers['if-match'] !== etagOf(kept)) {
      reply(response, 412);
      return;
    }
    const values = JSON.parse(body) as Values;
    const after = { version: kept.version + 1, values: { ...kept.values, ...values } };
    this.records.set(name, after);
    this.writes.push({ record: name, values });
    if (this.random() < FAULT_RATE) response.destroy();
    else reply(response, 200, after);
  }

  /** Whether it may go on. Who was there before and had the right to be, still has. */
  private onClaim(what: string, claim: Claim): boolean {
    const { key, fence, expiresAt } = claim;
    const now = Date.now();
    const highest = this.highest.get(key) ?? 0;
    const other = this.inside.get(key);
    if (what === 'leave') {
      if (other?.fence === fence) this.inside.delete(key);
      return true;
    }
    if (fence < highest) {
      if (now < expiresAt)
        this.overlap(key, `${fence} comes after ${highest}, and its time is not over`);
      return false;
    }
    if (other !== undefined && other.fence !== fence && now < other.expiresAt) {
      this.overlap(key, `${fence} comes while ${other.fence} is there, whose time is not over`);
    }
    this.highest.set(key, fence);
    this.inside.set(key, claim);
    this.entered++;
    return true;
  }

  private overlap(key: string, what: string): void {
    this.overlaps.push(`${key}: ${what}`);
  }
}

function etagOf({ version }: Kept): string {
  return `"${version}"`;
}

function reply(response: ServerResponse, status: number, kept?: Kept): void {
  if (kept === undefined) {
    response.writeHead(status).end();
    return;
  }
  const headers = { 'content-type': 'application/json', etag: etagOf(kept) };
  response.writeHead(status, headers).end(JSON.stringify(kept.values));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}
