import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { reviewAll } from './review-process';

/** `npm test` puts a few, a longer run as many as this says. */
const COUNT = Number(process.env.REVIEW_ENTRIES ?? 300);

/** Every so many writes the answer is lost. */
const LOST_EVERY = 7;

it('kill -9 in the middle of a bulk replay: none is lost, none is applied twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'review-kill-'));
  const program = await built(folder);
  const api = new Counts();
  const url = await api.start();
  let kills = 0;
  for (const [generation, part] of [0.1, 0.4, 0.7, 2].entries()) {
    const file = join(folder, 'letters');
    const args = [program, file, url, String(COUNT), String(generation)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const closed = once(child, 'close') as Promise<[number | null, string | null]>;
    api.onWrite = writes => {
      if (writes >= Math.round(part * COUNT)) child.kill('SIGKILL');
    };
    const [code, signal] = await closed;
    if (signal === 'SIGKILL') kills++;
    else expect(code).toBe(0);
  }
  await api.close();
  await rm(folder, { recursive: true });
  expect(kills).toBe(3);
  const counts = Array.from({ length: COUNT }, (_, n) => api.countOf(`R${n}`));
  expect(counts.filter(count => count < 1)).toEqual([]);
  expect(counts.filter(count => count > 1)).toEqual([]);
  // Without these the run would have proven nothing.
  expect(api.lost).toBeGreaterThan(0);
});

async function built(folder: string): Promise<string> {
  const outfile = join(folder, 'review-process.cjs');
  const { name } = reviewAll;
  const contents = `import { ${name} } from './review-process';
    const [, , path, url, count, generation] = process.argv;
    void ${name}(path, url, Number(count), Number(generation)).then(
      () => process.exit(0),
      error => { console.error(error); process.exit(1); });`;
  const stdin = { contents, resolveDir: import.meta.dirname };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs' });
  return outfile;
}

interface Row {
  version: number;
  values: Record<string, unknown>;
}

/** An API of counts that begin at 0, true to their versions. */
class Counts {
  lost = 0;
  onWrite: (writes: number) => void = () => undefined;
  private writes = 0;
  private readonly rows = new Map<string, Row>();
  private readonly server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void this.serve(request, response);
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  countOf(id: string): number {
    return Number(this.rows.get(id)?.values.count ?? 0);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const id = (request.url ?? '').replace(/\?.*$/, '').split('/').pop() ?? '';
    const row = this.rows.get(id) ?? { version: 1, values: { count: 0, by: '' } };
    this.rows.set(id, row);
    if (request.method !== 'GET') {
      if (request.headers['if-match'] !== `"${row.version}"`) {
        response.writeHead(412).end();
        return;
      }
      row.version++;
      Object.assign(row.values, JSON.parse(Buffer.concat(chunks).toString()));
      this.onWrite(++this.writes);
      if (this.writes % LOST_EVERY === 0) {
        this.lost++;
        response.destroy();
        return;
      }
    }
    response.writeHead(200, { 'content-type': 'application/json', etag: `"${row.version}"` });
    response.end(JSON.stringify({ id, ...row.values }));
  }
}
