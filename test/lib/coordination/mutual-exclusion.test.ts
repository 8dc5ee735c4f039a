import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createInProcessLocks,
  type InProcessLocks,
} from '../../../lib/coordination/in-process-locks';
import type { Lease } from '../../../lib/coordination/lock';
import { systemTime, type SetTimer } from '../../../lib/retry/time';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** One who wants a key, holds it for a while and then releases, or forgets to. All times in milliseconds. */
interface Worker {
  readonly key: string;
  readonly arrivesAt: number;
  readonly waitMs: number;
  readonly leaseMs: number;
  readonly holdMs: number;
  readonly releases: boolean;
  readonly extendsBy: number | undefined;
  readonly abortsAfter: number | undefined;
}

const worker: fc.Arbitrary<Worker> = fc.record({
  key: fc.constantFrom('a', 'b'),
  arrivesAt: fc.nat(20),
  waitMs: fc.nat(40),
  leaseMs: fc.integer({ min: 1, max: 30 }),
  holdMs: fc.nat(30),
  releases: fc.boolean(),
  extendsBy: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  abortsAfter: fc.option(fc.nat(30), { nil: undefined }),
});

interface Grant {
  readonly key: string;
  /** Position in the order of arrival. */
  readonly place: number;
  readonly lease: Lease;
}

/** Runs the workers in simulated time and watches every grant. */
class Watch {
  readonly grants: Grant[] = [];
  ended = 0;
  private readonly holders = new Map<string, Lease>();
  private places = 0;

  constructor(private readonly locks: InProcessLocks) {}

  start(worker: Worker): void {
    setTimeout(() => void this.run(worker), worker.arrivesAt);
  }

  private async run({ key, leaseMs, waitMs, ...worker }: Worker): Promise<void> {
    const place = this.places++;
    const controller = new AbortController();
    if (worker.abortsAfter !== undefined) setTimeout(() => controller.abort(), worker.abortsAfter);
    const { signal } = controller;
    const lease = await this.locks.acquire(key, { leaseMs, waitMs, signal });
    if (lease.granted) await this.hold({ key, place, lease }, worker);
    this.ended++;
  }

  private async hold(
    grant: Grant,
    { holdMs, releases, extendsBy }: Pick<Worker, 'holdMs' | 'releases' | 'extendsBy'>,
  ): Promise<void> {
    const { key, lease } = grant;
    const before = this.holders.get(key);
    if (before !== undefined) expect(before.signal.aborted).toBe(true);
    this.holders.set(key, lease);
    this.grants.push(grant);
    if (extendsBy !== undefined) await lease.extend(extendsBy);
    await systemTime.sleep(holdMs);
    if (!releases) return;
    if (this.holders.get(key) === lease) this.holders.delete(key);
    await lease.release();
  }
}

describe('in-process locks under random load', () => {
  it('have one holder per key, serve in order of arrival, count fences up and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(worker, { maxLength: 25 }), async workers => {
        const { setTimer, pending } = countedTimers();
        const locks = createInProcessLocks({ time: systemTime, maxWaiters: 8, setTimer });
        const watch = new Watch(locks);
        workers.forEach(worker => watch.start(worker));
        await vi.runAllTimersAsync();
        expect(watch.ended).toBe(workers.length);
        for (const key of ['a', 'b']) {
          const grants = watch.grants.filter(grant => grant.key === key);
          expectRising(grants.map(({ place }) => place));
          expectRising(grants.map(({ lease }) => lease.fence));
        }
        expect(locks.size).toBe(0);
        expect(pending.size).toBe(0);
      }),
    );
  });

  it('grant a contended key to everybody who waits long enough', async () => {
    const locks = createInProcessLocks({ time: systemTime });
    const watch = new Watch(locks);
    const patient = { key: 'a', waitMs: 10_000, leaseMs: 100, holdMs: 5, releases: true };
    for (let i = 0; i < 200; i++) {
      watch.start({ ...patient, arrivesAt: i % 7, extendsBy: undefined, abortsAfter: undefined });
    }
    await vi.runAllTimersAsync();
    expect(watch.grants).toHaveLength(200);
    expectRising(watch.grants.map(({ place }) => place));
    expect(locks.size).toBe(0);
  });
});

/** The timers of the locks alone: others of this process may have some at work. */
function countedTimers(): { readonly setTimer: SetTimer; readonly pending: ReadonlySet<object> } {
  const pending = new Set<object>();
  const setTimer: SetTimer = (callback, ms) => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      callback();
    }, ms);
    pending.add(timer);
    return () => {
      pending.delete(timer);
      clearTimeout(timer);
    };
  };
  return { setTimer, pending };
}

function expectRising(numbers: readonly number[]): void {
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
}
