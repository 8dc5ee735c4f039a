import { assignmentId, orderId } from '../../sandbox/ids';
import type { Driver } from '../drivers/driver';
import type { ListDriver } from '../drivers/bulk-update';
import type { Outcome } from '../../lib/outcome/outcome';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import { HeapPeak } from './heap';
import { keepInFlight, upTo } from './in-flight';

/** One item of a list, and of single updates: about 280 bytes as JSON. */
export interface ListItem {
  readonly key: string;
  readonly changes: Readonly<Record<string, unknown>>;
}

/** How a list ended. */
export interface ListRun {
  /** By the place of the item. */
  readonly outcomes: readonly Outcome[];
  readonly summary: BulkSummary;
}

export interface ListPlan {
  /** One item each. */
  readonly records: number;
  /** So many lists, one after the other. Default 1. */
  readonly lists?: number;
  /** Of what; default: territory assignments. */
  readonly of?: 'orders';
  /** Written by every item, so that the history tells whose it was; default: what no item has written. */
  readonly mark?: string;
}

/** What lists, or the single updates of as many records, took. */
export interface ListTimes {
  /** Of all of them. */
  readonly ms: number;
  /** CPU time of the client process, all threads. */
  readonly cpuMicros: number;
  /** Of the last list. */
  readonly run: ListRun;
}

export interface SinglesPlan {
  readonly records: number;
  readonly inFlight: number;
}

export interface HeapGrowth {
  /** Bytes of the items as JSON. */
  readonly payload: number;
  /** Most that the used heap has grown by during the run, after full collections, in bytes. */
  readonly growth: number;
}

let written = 0;

function itemsFor({ records, mark = newMark(), of }: ListPlan): ListItem[] {
  return Array.from({ length: records }, (_, n) =>
    of === 'orders'
      ? { key: orderId(n + 1), changes: { description: `Order ${String(n)}, run ${mark}` } }
      : { key: assignmentId(n + 1), changes: changesOf(n, mark) },
  );
}

/** What the items write has never been written before. */
function newMark(): string {
  written += 1;
  return `${String(process.pid)}-${String(written)}`;
}

function changesOf(n: number, mark: string): ListItem['changes'] {
  return {
    territoryName: `Territory ${String(n)} north and coast`,
    salesRepId: `EMP-${String(100 + (n % 900))}`,
    region: 'EMEA',
    status: 'Active',
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    priority: 1 + (n % 9),
    notes: `Moved by the hourly sync of the sales planning, run ${mark}`,
  };
}

/** Runs lists; every record has to be over, however. */
export async function runLists(driver: ListDriver, plan: ListPlan): Promise<ListTimes> {
  const { records, lists = 1 } = plan;
  const work = Array.from({ length: lists }, () => itemsFor(plan));
  let run: ListRun | undefined;
  const times = await timed(async () => {
    for (const items of work) run = await driver.runList(items);
  });
  if (run?.outcomes.filter(Boolean).length !== records) throw new Error('not all records are over');
  return { ...times, run };
}

/** The same updates one by one; every one must end as `updated`. */
export async function runSingles(
  driver: Driver,
  { records, inFlight }: SinglesPlan,
): Promise<Omit<ListTimes, 'run'>> {
  const items = itemsFor({ records });
  return timed(async () => {
    await keepInFlight(inFlight, upTo(records), async n => {
      const item = items[n];
      if (item === undefined) throw new Error('there is no such item');
      const { outcome } = await driver.run(item);
      if (outcome !== 'updated') throw new Error(`an update ended as ${outcome}`);
    });
  });
}

async function timed(work: () => Promise<void>): Promise<Omit<ListTimes, 'run'>> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMicros: user + system };
}

/** So many records between two looks at the heap, besides those by time. */
const LOOK_EVERY = 250;

/** How much memory one list takes besides itself. Needs `--expose-gc`. */
export async function listHeap(driver: ListDriver, plan: ListPlan): Promise<HeapGrowth> {
  const { records } = plan;
  const items = itemsFor(plan);
  const payload = Buffer.byteLength(JSON.stringify(items));
  const heap = await HeapPeak.start();
  let over = 0;
  try {
    const run = driver.runList(items, () => {
      over += 1;
      if (over % LOOK_EVERY === 0) heap.look();
    });
    const { summary } = await run;
    if (summary.updated !== records) throw new Error('not all records were updated');
  } finally {
    heap.stop();
  }
  return { payload, growth: heap.growth };
}
