import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childProgram } from '../../../support/child-program';
import type { StorePlace } from '../stress/open-stores';
import { VersionedApi } from '../stress/versioned-api';
import { EVERY, type WorkerPlan } from './worker-process';

/** What became of all updates over all processes. */
export interface KilledRuns {
  /** Handed on never, or not again although it cannot have been settled. */
  readonly lost: readonly number[];
  /** Handed on again although it was handed on before, without saying so. */
  readonly unsaid: readonly number[];
  readonly redelivered: number;
  /** Increments: added more than once, or settled as done and never added. */
  readonly twice: readonly number[];
  readonly never: readonly number[];
}

const LEASE_MS = 1000;

/**
 * Puts so many updates through a queue, in one process after the other; each but the last is killed in the middle, when
 * it has said so many lines.
 */
export async function runKilled(
  folder: string,
  store: StorePlace,
  count: number,
  killsAfter: readonly number[],
): Promise<KilledRuns> {
  const module = join(import.meta.dirname, 'worker-process.ts');
  const call = 'work(JSON.parse(process.argv[2])).then(() => process.exit())';
  const program = await childProgram(folder, module, call);
  const api = await VersionedApi.start(() => 1);
  try {
    const all = new Tally();
    const plan: WorkerPlan = { store, api: api.url, count, leaseMs: LEASE_MS };
    for (const lines of [...killsAfter, Infinity]) {
      await runOnce(program, JSON.stringify(plan), all, lines);
    }
    const added = api.writes.map(({ values }) => Number(values.last));
    return all.sum(count, added);
  } finally {
    api.close();
  }
}

async function runOnce(
  program: string,
  plan: string,
  all: Tally,
  killAfter: number,
): Promise<void> {
  const child = spawn(process.execPath, [program, plan], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  child.stdin.write(`${[...all.tried, 'go'].join('\n')}\n`);
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
  /** May have been accepted: to put one of them again might be to put it twice. */
  readonly tried = new Set<number>();
  private readonly put = new Set<number>();
  private readonly ended = new Set<number>();
  private readonly doubtful = new Set<number>();
  private readonly handedOn = new Set<number>();
  private readonly unsaid: number[] = [];
  private redelivered = 0;

  hear(line: string): void {
    const [what, number, deliveries] = line.split(' ');
    const n = Number(number);
    if (what === 'tries') this.tried.add(n);
    if (what === 'put') this.put.add(n);
    if (what === 'back') this.handedOn.delete(n);
    if (what === 'ends' || what === 'done') this.ended.add(n);
    if (what === 'doubts') this.doubtful.add(n);
    if (what !== 'next') return;
    if (Number(deliveries) > 1) this.redelivered++;
    else if (this.handedOn.has(n)) this.unsaid.push(n);
    this.handedOn.add(n);
  }

  /** @param added numbers of the increments that the API was written, in order */
  sum(count: number, added: readonly number[]): KilledRuns {
    if (this.tried.size !== count) throw new Error(`${this.tried.size} of ${count} were put`);
    const all = [...this.put];
    const lost = all.filter(n => !this.ended.has(n));
    const once = new Set<number>();
    const twice: number[] = [];
    for (const n of added) {
      if (once.has(n)) twice.push(n);
      once.add(n);
    }
    const isLeft = (n: number): boolean => !once.has(n) && !this.doubtful.has(n);
    const never = all.filter(n => n % EVERY === 0 && isLeft(n));
    return { lost, unsaid: this.unsaid, redelivered: this.redelivered, twice, never };
  }
}
