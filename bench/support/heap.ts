import type { Driver } from '../drivers/driver';
import { median } from './statistics';
import { count } from './work';

export interface GrowthPlan {
  /** Updates before the first look. */
  readonly from: number;
  /** Updates before the second look. */
  readonly to: number;
  readonly inFlight: number;
  readonly records: number;
}

/** Used heap after full collections, in bytes. */
export interface Growth {
  readonly before: number;
  readonly after: number;
}

const SAMPLES = 5;

/** Needs `--expose-gc`. */
export async function measureGrowth(driver: Driver, plan: GrowthPlan): Promise<Growth> {
  const { from, to, ...rest } = plan;
  await count(driver, { ...rest, updates: from, carry: false });
  const before = await heapInUse();
  await count(driver, { ...rest, updates: to - from, carry: false });
  return { before, after: await heapInUse() };
}

async function heapInUse(): Promise<number> {
  return settled(({ heapUsed }) => heapUsed);
}

/** Heap and what objects hold outside of it, after full collections, in bytes. Needs `--expose-gc`. */
export async function memoryInUse(): Promise<number> {
  return settled(({ heapUsed, external }) => heapUsed + external);
}

/** What the operating system has given to the process, after full collections, in bytes. Needs `--expose-gc`. */
export async function residentMemory(): Promise<number> {
  return settled(({ rss }) => rss);
}

/** The pauses let finalizers and idle timers run between the collections. */
async function settled(read: (usage: NodeJS.MemoryUsage) => number): Promise<number> {
  const samples: number[] = [];
  for (let n = 0; n < SAMPLES; n += 1) {
    await new Promise(resolve => setTimeout(resolve, 200));
    collectGarbage();
    samples.push(read(process.memoryUsage()));
  }
  return median(samples);
}

/** How often the heap is looked at while something runs, in milliseconds. */
const LOOK_MS = 20;

/** Watches how much of the heap is in use, after full collections, while something runs. Needs `--expose-gc`. */
export class HeapPeak {
  private peak = 0;
  private readonly timer = setInterval(() => {
    this.look();
  }, LOOK_MS);

  private constructor(private readonly before: number) {}

  static async start(): Promise<HeapPeak> {
    return new HeapPeak(await heapInUse());
  }

  look(): void {
    collectGarbage();
    this.peak = Math.max(this.peak, process.memoryUsage().heapUsed);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Bytes, since the start. */
  get growth(): number {
    return this.peak - this.before;
  }
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('start the process with --expose-gc');
  globalThis.gc();
}
