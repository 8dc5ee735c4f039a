import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENCE_MS } from '../../../../scripts/lib/patience.mjs';
import { childProgram } from '../../../support/child-program';
import { RedisServer } from '../../../support/redis/server';
import { TcpProxy } from '../../../support/redis/tcp-proxy';
import { seededRandom } from '../../../support/seeded-random';
import { PROCESS_FAULTS, redisFaults, type Fault, type Victim } from './faults';
import { Judge, type Verdict } from './judge';
import type { StorePlace } from './open-stores';
import type { Counted, QueueName, Said } from './said';
import { StressProcess } from './stress-process';
import { VersionedApi } from './versioned-api';
import type { Command } from './worker';

export interface StressPlan {
  readonly store: StorePlace['kind'];
  readonly seed: number;
  /** 0: each fault once. */
  readonly seconds: number;
}

/** As `npm run test:stress` asks for it. */
export function planOf(store: StressPlan['store']): StressPlan {
  const { STRESS_SEED: seed = '1', STRESS_SECONDS: seconds = '0' } = process.env;
  return { store, seed: Number(seed), seconds: Number(seconds) };
}

/** Processes at a time. */
const WORKERS = 3;

/** How long a lease is, and the longest that something is away: longer than that. */
const LONG_RUN = { leaseMs: 1500, awayMs: 3000 };
const SHORT_RUN = { leaseMs: 700, awayMs: 1200 };

const QUEUES = ['merge', 'newest'] as const;

/** What has to go on in each queue between two faults. */
const PUTS = 10;
const ENDS = 5;

/** How often the queues are asked what they hold. Milliseconds. */
const ASK_MS = 50;

/** Several processes, faults at random, and what came of it. */
export async function runStress(plan: StressPlan): Promise<Verdict> {
  const run = new Run(plan);
  try {
    await run.open();
    return await run.whole();
  } finally {
    await run.close();
  }
}

class Run {
  private readonly random: () => number;
  private readonly judge = new Judge();
  private readonly slots: Slot[] = [];
  private readonly stats = new Map<QueueName, Counted>();
  private readonly pace;
  private readonly listeners = new Set<() => void>();
  private folder = '';
  private program = '';
  private api!: VersionedApi;
  private server: RedisServer | undefined;
  private faults: readonly Fault[] = PROCESS_FAULTS;
  private readonly works = new Set<string>();
  private quiet = 0;
  private struck = 0;
  private processes = 0;

  constructor(private readonly plan: StressPlan) {
    this.random = seededRandom(plan.seed);
    this.pace = plan.seconds > 0 ? LONG_RUN : SHORT_RUN;
  }

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'stress-'));
    const module = join(import.meta.dirname, 'worker.ts');
    this.program = await childProgram(
      this.folder,
      module,
      'stress(JSON.parse(process.argv[2] ?? ""))',
    );
    this.api = await VersionedApi.start(this.random);
    if (this.plan.store === 'redis') {
      this.server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always');
      this.faults = redisFaults(this.server);
    }
    for (let slot = 0; slot < WORKERS; slot++) {
      const proxy = this.server && (await TcpProxy.open(this.server.port));
      this.slots.push(new Slot(proxy, () => this.start(proxy)));
    }
  }

  async whole(): Promise<Verdict> {
    await this.goesOn();
    await this.strikeAll();
    await this.drain();
    await this.end();
    for (const overlap of this.api.overlaps) this.judge.fault(`overlap at ${overlap}`);
    const { faults, counts } = this.judge.judge(this.api.writes, this.stats);
    const { entered } = this.api;
    return { faults, counts: { ...counts, entered, faults: this.struck } };
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map(slot => slot.close()));
    await this.server?.end();
    this.api.close();
    await rm(this.folder, { recursive: true });
  }

  private start(proxy: TcpProxy | undefined): StressProcess {
    const number = this.processes++;
    const { folder, plan } = this;
    const store: StorePlace =
      proxy === undefined ? { kind: 'file', folder } : { kind: 'redis', port: proxy.port };
    const { leaseMs } = this.pace;
    const seed = plan.seed * 10_000 + number;
    const options = { store, api: this.api.url, seed, number, leaseMs };
    const started = new StressProcess(this.program, options, said => {
      this.hear(said);
    });
    void started.over.then(fault => {
      if (fault !== undefined) this.judge.fault(fault);
      this.tell();
    });
    return started;
  }

  private hear(said: Said): void {
    if (said.say === 'stats') this.stats.set(said.queue, said.stats);
    else if (said.say === 'works') this.works.add(said.what);
    else if (said.say === 'quiet') this.quiet++;
    else this.judge.hear(said);
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Every fault in turn, in another order each time, now and then two at once. */
  private async strikeAll(): Promise<void> {
    const { seconds } = this.plan;
    const until = Date.now() + seconds * 1000;
    do {
      for (const fault of shuffled(this.faults, this.random)) {
        const isTwo = seconds > 0 && this.random() < 0.3;
        const other = this.faults[Math.floor(this.random() * this.faults.length)];
        const both = isTwo && other !== undefined && other !== fault ? [fault, other] : [fault];
        await Promise.all(both.map(one => this.strike(one)));
        await this.goesOn();
      }
    } while (Date.now() < until);
  }

  private async strike({ strike, name }: Fault): Promise<void> {
    this.struck++;
    const victim = this.slots[Math.floor(this.random() * this.slots.length)];
    const ms = this.random() * this.pace.awayMs;
    if (victim === undefined) return;
    this.latest = `${name} for ${Math.round(ms)} ms`;
    await strike(victim, ms);
  }

  private latest = 'the start';

  /** Waits until updates come in and end again, by themselves. */
  private async goesOn(): Promise<void> {
    const { judge } = this;
    const { held } = judge;
    const [accepted, ended] = [{ ...judge.accepted }, { ...judge.ended }];
    const goesOn = (queue: QueueName): boolean =>
      judge.accepted[queue] >= accepted[queue] + PUTS && judge.ended[queue] >= ended[queue] + ENDS;
    await this.until('going on', () => QUEUES.every(goesOn) && judge.held > held);
  }

  /** All that was accepted has left when nothing comes in any more. */
  private async drain(): Promise<void> {
    this.tellAll('quiet');
    // What is on its way in counts, too.
    await this.until('the last one coming in', () => this.quiet === WORKERS);
    this.stats.clear();
    const asking = setInterval(() => {
      this.tellAll('stats');
    }, ASK_MS);
    const isEmpty = (queue: QueueName): boolean => {
      const stats = this.stats.get(queue);
      return stats !== undefined && stats.waiting + stats.inFlight === 0;
    };
    await this.until('empty queues', () => QUEUES.every(isEmpty)).finally(() => {
      clearInterval(asking);
    });
  }

  /** All works to the end, whoever is left; a store file goes from one to the next. */
  private async end(): Promise<void> {
    for (const { process } of this.slots) {
      this.works.clear();
      this.tellAll('check');
      await this.until('all at work', () => this.works.size === 3);
      process.tell('end');
      await this.until('the end of a process', () => process.isOver);
    }
  }

  private tellAll(command: Command): void {
    for (const { process } of this.slots) process.tell(command);
  }

  private until(what: string, is: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`waited for ${what} in vain, after ${this.latest}: ${this.now()}`));
      }, PATIENCE_MS);
      const check = (): void => {
        if (!is()) return;
        clearTimeout(timer);
        this.listeners.delete(check);
        resolve();
      };
      this.listeners.add(check);
      check();
    });
  }

  /** For people. */
  private now(): string {
    const { accepted, ended, held, faults } = this.judge;
    const { quiet, works, slots } = this;
    const stats = Object.fromEntries(this.stats);
    const over = slots.map(({ process }) => process.isOver);
    const now = { accepted, ended, held, quiet, stats, works: [...works], over };
    return [JSON.stringify(now), ...faults].join('\n');
  }
}

/** The place of a process: there always is one. */
class Slot implements Victim {
  process: StressProcess;

  constructor(
    readonly proxy: TcpProxy | undefined,
    private readonly start: () => StressProcess,
  ) {
    this.process = start();
  }

  async replace(): Promise<void> {
    await this.process.kill();
    this.process = this.start();
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process.signal(signal);
  }

  async close(): Promise<void> {
    await this.process.kill();
    this.proxy?.close();
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
