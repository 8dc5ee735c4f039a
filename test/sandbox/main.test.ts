import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optionsFrom } from '../../sandbox/command-line';

let folder = '';
let program = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  program = join(folder, 'main.cjs');
  const entryPoints = [join(import.meta.dirname, '../../sandbox/main.ts')];
  await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'cjs' });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

async function run(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ready = JSON.parse(line.toString()) as { url: string; pid: number };
  expect(ready.pid).toBe(child.pid);
  return { child, url: ready.url };
}

describe('the sandbox as a program', () => {
  it('says where it listens, and ends on SIGTERM', async () => {
    const { child, url } = await run('--orders', '3', '--load', 'peak', '--seed', '5');
    const load = (await (await fetch(`${url}/sandbox/load`)).json()) as unknown;
    expect(load).toEqual({ noise: 0.14, target: 0.01 });
    const ids = (await (await fetch(`${url}/sandbox/records/orders`)).json()) as unknown[];
    expect(ids).toHaveLength(3);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends when the pipe from its parent closes', async () => {
    const { child } = await run();
    child.stdin?.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends with a message that names a bad option', async () => {
    const child = spawn(process.execPath, [program, '--port', 'x'], { stdio: 'pipe' });
    const [message] = (await once(child.stderr, 'data')) as [Buffer];
    expect(message.toString()).toContain('--port');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
  });
});

describe('the command line', () => {
  it('has quiet defaults', () => {
    expect(optionsFrom([])).toMatchObject({ port: 0, seed: 1, load: 'quiet', faults: [] });
  });

  it('lets operators open work orders as often as it is told', () => {
    const load = { noise: 0.14, target: 0.01, open: 0.5 };
    expect(optionsFrom(['--load', 'peak', '--open', '0.5']).load).toEqual(load);
    expect(() => optionsFrom(['--open', '2'])).toThrow('--open');
    expect(() => optionsFrom(['--load', 'rush', '--open', '0'])).toThrow(/load: use quiet/);
  });

  it('sets every option', () => {
    const args =
      '--port 1 --seed 2 --load peak --orders 3 --work-orders 4 --territories 7 --described-sets 8 --latency 5 --jitter 6 --no-history --auth';
    expect(optionsFrom(args.split(' '))).toEqual({
      port: 1,
      seed: 2,
      load: 'peak',
      orders: 3,
      workOrders: 4,
      territories: 7,
      describedSets: 8,
      keepHistory: false,
      faults: [{ fault: 'latency', ms: 5, jitterMs: 6 }],
      auth: {},
    });
  });
});
