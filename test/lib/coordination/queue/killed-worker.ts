import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { work } from './worker-process';

/** What became of all updates over all processes. */
export interface KilledRuns {
  /** Handed on never, or not again although it cannot have been settled. */
  readonly lost: readonly number[];
  /** Handed on again although it was handed on before, without saying so. */
  readonly unsaid: readonly number[];
  readonly redelivered: number;
}

const LEASE_MS = 200;

/**
 * Puts so many updates through a queue, in one process after the other; each but the last is killed in the middle, when
 * it has said so many lines.
 */
export async function runKilled(
  folder: string,
  count: number,
  killsAfter: readonly number[],
): Promise<KilledRuns> {
  const program = await built(folder);
  const all = new Tally();
  for (const lines of [...killsAfter, Infinity]) {
    await runOnce(
      program,
      [join(folder, 'queue.jsonl'), String(count), String(LEASE_MS)],
      all,
      lines,
    );
  }
  return all.sum(count);
}

async function built(folder: string): Promise<string> {
  const outfile = join(folder, 'worker-process.cjs');
  const { name } = work;
  const contents = `import { ${name} } from './worker-process';
    const [, , path, count, leaseMs] = process.argv;
    void ${name}(path, Number(count), Number(leaseMs)).then(() => process.exit());`;
  const stdin = { contents, resolveDir: import.meta.dirname };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs' });
  return outfile;
}

async function runOnce(
  program: string,
  args: readonly string[],
  all: Tally,
  killAfter: number,
): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  child.stdin.write(`${[...all.put, 'go'].join('\n')}\n`);
  all.begin();
  let lines = 0;
  createInterface({ input: child.stdout }).on('line', line => {
    all.hear(line);
    if (++lines === killAfter) child.kill('SIGKILL');
  });
  const [code, signal] = await closed;
  const isRight = killAfter === Infinity ? code === 0 : signal === 'SIGKILL';
  if (!isRight) throw new Error(`the process ended with ${code ?? signal} after ${lines} lines`);
}

class Tally {
  readonly put = new Set<number>();
  private readonly ended = new Set<number>();
  private readonly handedOn = new Set<number>();
  private readonly unsaid: number[] = [];
  private redelivered = 0;
  /** Not put again by the process that runs now, and what that one has handed on. */
  private known = new Set<number>();
  private own = new Set<number>();

  begin(): void {
    this.known = new Set(this.put);
    this.own = new Set();
  }

  hear(line: string): void {
    const [what, number, deliveries] = line.split(' ');
    const n = Number(number);
    if (what === 'put') this.put.add(n);
    if (what === 'ends' || what === 'done') this.ended.add(n);
    if (what !== 'next') return;
    if (Number(deliveries) > 1) this.redelivered++;
    else if (this.own.has(n) || (this.known.has(n) && this.handedOn.has(n))) this.unsaid.push(n);
    this.handedOn.add(n);
    this.own.add(n);
  }

  sum(count: number): KilledRuns {
    const lost = Array.from({ length: count }, (_, n) => n).filter(n => !this.ended.has(n));
    return { lost, unsaid: this.unsaid, redelivered: this.redelivered };
  }
}
