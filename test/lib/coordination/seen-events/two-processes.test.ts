import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { storeFile } from '../journal/store-files';
import { serveStore } from './store-process';

/**
 * How much faster the clock goes where the silence of a holder is waited for: one that a busy machine keeps from its turn
 * for a second must not be taken for gone.
 */
const SPEED = 5;

let folder: string;
let program: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-processes-'));
  program = join(folder, 'store-process.cjs');
  const { name } = serveStore;
  const contents = `import { ${name} } from './store-process'; void ${name}(process.argv[2], process.argv[3], Number(process.argv[4]));`;
  const stdin = { contents, resolveDir: import.meta.dirname };
  await build({ stdin, outfile: program, bundle: true, platform: 'node', format: 'cjs' });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

type Sight = 'seen' | 'unseen';

class StoreProcess {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private told = (): void => undefined;
  private readonly over: Promise<unknown>;

  constructor(path: string, sight: Sight, speed = 1) {
    this.child = spawn(process.execPath, [program, path, sight, String(speed)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.over = once(this.child, 'close');
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.told();
    });
    onTestFinished(() => this.kill());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits for a line, after those that were waited for before. */
  async says(start: string): Promise<string> {
    for (;;) {
      const at = this.lines.findIndex(line => line.startsWith(start));
      if (at >= 0) return this.lines.splice(0, at + 1).at(-1) ?? '';
      await new Promise<void>(resolve => (this.told = resolve));
    }
  }

  async pass(id: string): Promise<string> {
    this.child.stdin?.write(`${id}\n`);
    return (await this.says(`${id}: `)).slice(id.length + 2);
  }

  async end(): Promise<void> {
    this.child.stdin?.write('end\n');
    await this.says('closed');
    await this.over;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.over;
  }
}

async function started(path: string, sight: Sight, speed?: number): Promise<StoreProcess> {
  const store = new StoreProcess(path, sight, speed);
  await store.says('open');
  return store;
}

function newPath(): string {
  return join(folder, `${files++}`, 'seen.journal');
}

/** Asks again until it is let through: the store may still be another one's. */
async function passSoon(store: StoreProcess, id: string): Promise<string> {
  for (;;) {
    const result = await store.pass(id);
    if (result !== 'STORE_IN_USE') return result;
    await store.says('trouble none');
  }
}

describe('case U44: two processes with one store file', () => {
  it.runIf(process.platform === 'linux')(
    'the second says who holds it and lets nothing through; kill -9 of the first: it goes on at once with all of it',
    async () => {
      const path = newPath();
      const first = await started(path, 'seen');
      expect(await first.pass('E-1')).toBe('saved');
      const second = new StoreProcess(path, 'seen');
      expect(await second.says('trouble in-use')).toContain(`process ${first.pid} on`);
      await second.says('open');
      expect(await second.pass('E-2')).toBe('STORE_IN_USE');
      expect(await first.pass('E-2')).toBe('saved');
      await first.kill();
      expect(await passSoon(second, 'E-3')).toBe('saved');
      expect(await second.pass('E-1')).toBe('duplicate');
      expect(await second.pass('E-2')).toBe('duplicate');
    },
  );

  it.each<Sight>(['seen', 'unseen'])('a clean end frees it at once: %s', async sight => {
    const path = newPath();
    const first = await started(path, sight);
    expect(await first.pass('E-1')).toBe('saved');
    const second = new StoreProcess(path, sight);
    await second.says('trouble in-use');
    await second.says('open');
    expect(await second.pass('E-2')).toBe('STORE_IN_USE');
    await first.end();
    expect(await passSoon(second, 'E-1')).toBe('duplicate');
    expect(await second.pass('E-2')).toBe('saved');
  });

  it('a holder that cannot be seen and is stopped is replaced, and writes nothing when it goes on', async () => {
    const path = newPath();
    const first = await started(path, 'unseen', SPEED);
    expect(await first.pass('E-1')).toBe('saved');
    first.signal('SIGSTOP');
    const second = await started(path, 'unseen', SPEED);
    expect(await second.pass('E-1')).toBe('duplicate');
    expect(await second.pass('E-2')).toBe('saved');
    const file = storeFile(path);
    const [content, { ino }] = [readFileSync(file), statSync(file)];
    first.signal('SIGCONT');
    // The very first thing it does: it must look before.
    expect(await first.pass('E-2')).toBe('STORE_IN_USE');
    expect(await first.pass('E-3')).toBe('STORE_IN_USE');
    expect(storeFile(path)).toBe(file);
    expect(readFileSync(file)).toEqual(content);
    expect(statSync(file).ino).toBe(ino);
    expect(await second.pass('E-3')).toBe('saved');
    await second.end();
    expect(await passSoon(first, 'E-3')).toBe('duplicate');
    expect(await first.pass('E-4')).toBe('saved');
  });
});
