import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createInProcessLocks,
  type InProcessLocks,
} from '../../../lib/coordination/in-process-locks';
import {
  LeaseLost,
  type AcquireOptions,
  type Lease,
  type NotAcquired,
} from '../../../lib/coordination/lock';
import { setUnrefTimer } from '../../../lib/retry/time';
import { encodeODataKey } from '../../../lib/record/key';
import { recordUrl } from '../../../lib/record/url';
import { systemTime } from '../../../lib/retry/time';

const KEY = 'http://mes/orders(1)';
const OPTIONS: AcquireOptions = { leaseMs: 30_000, waitMs: 10_000 };

let locks: InProcessLocks;

beforeEach(() => {
  vi.useFakeTimers();
  locks = createInProcessLocks({ time: systemTime, maxWaiters: 3 });
});
afterEach(() => {
  vi.useRealTimers();
});

async function held(key = KEY, options: Partial<AcquireOptions> = {}): Promise<Lease> {
  const result = await locks.acquire(key, { ...OPTIONS, ...options });
  if (!result.granted) throw new Error(`not acquired: ${result.reason}`);
  return result;
}

/** Lets everything run that needs no time. */
async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

function expectIdle(): void {
  expect(locks.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
}

describe('acquire and release', () => {
  it('grants a free key at once and forgets it after the release', async () => {
    const lease = await held();
    expect(lease).toMatchObject({ granted: true, key: KEY });
    expect(lease.expiresAt).toBe(Date.now() + 30_000);
    expect(locks.size).toBe(1);
    expect(await lease.release()).toBe(true);
    expectIdle();
  });

  it('gives a free key without a promise, and nobody overtakes those who wait', async () => {
    const lease = locks.takeFree?.(KEY, OPTIONS);
    expect(lease).toMatchObject({ granted: true, key: KEY });
    expect(locks.takeFree?.(KEY, OPTIONS)).toBeUndefined();
    const next = held();
    await lease?.release();
    expect(locks.takeFree?.(KEY, OPTIONS)).toBeUndefined();
    await (await next).release();
    expectIdle();
  });

  it('gives nothing without a promise once it is closed, or to whoever has stopped', () => {
    const signal = AbortSignal.abort();
    expect(locks.takeFree?.(KEY, { ...OPTIONS, signal })).toBeUndefined();
    expect(() => locks.takeFree?.(KEY, { ...OPTIONS, leaseMs: Infinity })).toThrow(RangeError);
    locks.close();
    expect(locks.takeFree?.(KEY, OPTIONS)).toBeUndefined();
    expectIdle();
  });

  it('releases once, and never the lease of the next one', async () => {
    const first = await held();
    const next = held();
    await first.release();
    const second = await next;
    expect(await first.release()).toBe(false);
    expect(locks.find(KEY, second.token)).toBe(second);
    await second.release();
    expectIdle();
  });

  it('serves one key first come, first served', async () => {
    const order: number[] = [];
    const first = await held();
    const others = [1, 2, 3].map(async number => {
      const lease = await held();
      order.push(number);
      await lease.release();
    });
    await settled();
    expect(order).toEqual([]);
    await first.release();
    await Promise.all(others);
    expect(order).toEqual([1, 2, 3]);
    expectIdle();
  });

  it('lets different keys pass', async () => {
    const first = await held('a');
    const second = await held('b');
    expect(locks.size).toBe(2);
    await Promise.all([first.release(), second.release()]);
    expectIdle();
  });

  it('gives every lease its own token and a growing fence, also after the key was forgotten', async () => {
    const leases: Lease[] = [];
    for (const key of ['a', 'b', 'a', 'a']) {
      const lease = await held(key);
      leases.push(lease);
      await lease.release();
      expectIdle();
    }
    expect(new Set(leases.map(({ token }) => token)).size).toBe(4);
    const fences = leases.map(({ fence }) => fence);
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
  });

  it.each([
    { leaseMs: NaN },
    { leaseMs: -1 },
    { waitMs: Infinity },
    { leaseMs: 2 ** 31 },
    { waitMs: 2 ** 31 },
  ])('refuses times no timer can hold: %j', async options => {
    await expect(locks.acquire(KEY, { ...OPTIONS, ...options })).rejects.toThrow(RangeError);
    expectIdle();
  });

  it('trap 25: Set(1), Set(ID=1) and every spelling of a GUID share one lock', async () => {
    const guid = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const spellings = [
      [1, { ID: 1 }],
      [guid, guid.toUpperCase(), `{${guid}}`, `'${guid}'`, { ID: `{${guid.toUpperCase()}}` }],
    ];
    for (const keys of spellings) {
      const results = await Promise.all(
        keys.map(key => {
          const url = recordUrl('http://erp', 'Set', encodeODataKey(key, { primaryKey: 'ID' }));
          return locks.acquire(url, { leaseMs: 1000, waitMs: 0, maxWaiters: 0 });
        }),
      );
      expect(results.filter(({ granted }) => granted)).toHaveLength(1);
      for (const result of results) if (result.granted) await result.release();
    }
    expectIdle();
  });
});

describe('waiting', () => {
  it('ends after waitMs', async () => {
    const lease = await held();
    const waiting = locks.acquire(KEY, { ...OPTIONS, waitMs: 500 });
    await vi.advanceTimersByTimeAsync(500);
    expect(await waiting).toEqual({ granted: false, reason: 'timeout', waitedMs: 500 });
    await lease.release();
    expectIdle();
  });

  it('with waitMs 0 takes a free key and no other', async () => {
    const lease = await held(KEY, { waitMs: 0 });
    const waiting = locks.acquire(KEY, { ...OPTIONS, waitMs: 0 });
    await settled();
    expect(await waiting).toMatchObject({ granted: false, reason: 'timeout' });
    await lease.release();
    expectIdle();
  });

  it('turns away who comes when the queue of the key is full', async () => {
    const lease = await held();
    const waiters = [held(), held(), held()];
    expect(await locks.acquire(KEY, OPTIONS)).toEqual({
      granted: false,
      reason: 'queue-full',
      waitedMs: 0,
    });
    const other = await held('another key');
    await lease.release();
    for (const waiter of waiters) await (await waiter).release();
    await other.release();
    expectIdle();
  });

  it('takes the limit of the caller before its own, and counts the first one as holder at once', async () => {
    const options = { maxWaiters: 1 };
    const first = held(KEY, options);
    const second = held(KEY, options);
    const third = await locks.acquire(KEY, { ...OPTIONS, ...options });
    expect(third).toMatchObject({ granted: false, reason: 'queue-full' });
    await (await first).release();
    await (await second).release();
    expectIdle();
  });

  it('a place that was given up no longer counts', async () => {
    const lease = await held();
    const tooLate = locks.acquire(KEY, { ...OPTIONS, waitMs: 10, maxWaiters: 1 });
    await vi.advanceTimersByTimeAsync(10);
    expect(await tooLate).toMatchObject({ reason: 'timeout' });
    const next = held(KEY, { maxWaiters: 1 });
    await lease.release();
    await (await next).release();
    expectIdle();
  });

  it('trap 25: an abort ends it at once and leaves no listener', async () => {
    const lease = await held();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = locks.acquire(KEY, { ...OPTIONS, signal });
    await vi.advanceTimersByTimeAsync(20);
    controller.abort();
    expect(await waiting).toEqual({ granted: false, reason: 'aborted', waitedMs: 20 });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await lease.release();
    expectIdle();
  });

  it('does not queue under an aborted signal', async () => {
    const result = await locks.acquire(KEY, { ...OPTIONS, signal: AbortSignal.abort() });
    expect(result).toEqual({ granted: false, reason: 'aborted', waitedMs: 0 });
    expectIdle();
  });

  it('leaves no listener on the signal of a granted lease', async () => {
    const { signal } = new AbortController();
    const lease = await held(KEY, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await lease.release();
  });

  it('a waiter cancelled at the moment of its turn passes the turn on', async () => {
    const lease = await held();
    const controller = new AbortController();
    const cancelled = locks.acquire(KEY, { ...OPTIONS, signal: controller.signal });
    const next = held();
    const released = lease.release();
    controller.abort();
    expect(await released).toBe(true);
    expect(await cancelled).toMatchObject({ granted: false, reason: 'aborted' });
    await (await next).release();
    expectIdle();
  });

  it('forgets a key whose only waiter was cancelled at the moment of its turn', async () => {
    const lease = await held();
    const controller = new AbortController();
    const cancelled = locks.acquire(KEY, { ...OPTIONS, signal: controller.signal });
    void lease.release();
    controller.abort();
    await cancelled;
    expectIdle();
    await (await held()).release();
    expectIdle();
  });
});

describe('the lease', () => {
  it('warns its holder shortly before its end and lets the next one in at its end', async () => {
    const lease = await held(KEY, { leaseMs: 1000 });
    const got = vi.fn<(next: Lease | NotAcquired) => void>();
    void locks.acquire(KEY, OPTIONS).then(got);
    await vi.advanceTimersByTimeAsync(899);
    expect(lease.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(lease.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(99);
    expect(got).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(got).toHaveBeenCalledWith(expect.objectContaining({ granted: true }));
    expect(await lease.release()).toBe(false);
    expect(await lease.extend(1000)).toBe(false);
    expect(locks.find(KEY, lease.token)).toBeUndefined();
    await vi.runAllTimersAsync();
    expectIdle();
  });

  it('is extended from now on', async () => {
    const lease = await held(KEY, { leaseMs: 1000 });
    await vi.advanceTimersByTimeAsync(800);
    expect(await lease.extend(1000)).toBe(true);
    expect(lease.expiresAt).toBe(Date.now() + 1000);
    await vi.advanceTimersByTimeAsync(899);
    expect(lease.signal.aborted).toBe(false);
    expect(locks.find(KEY, lease.token)).toBe(lease);
    await vi.advanceTimersByTimeAsync(101);
    expect(lease.signal.aborted).toBe(true);
    expectIdle();
  });

  it('is not extended after its holder was warned, nor after the release', async () => {
    const lease = await held(KEY, { leaseMs: 1000 });
    await vi.advanceTimersByTimeAsync(950);
    expect(await lease.extend(1000)).toBe(false);
    await lease.release();
    const other = await held();
    await other.release();
    expect(await other.extend(1000)).toBe(false);
    expectIdle();
  });

  it('says that it expired, and does not abort on release', async () => {
    const released = await held();
    await released.release();
    expect(released.signal.aborted).toBe(false);
    const lease = await held(KEY, { leaseMs: 10 });
    await vi.advanceTimersByTimeAsync(10);
    expect(lease.signal.reason).toEqual(new LeaseLost('expired'));
  });

  it('is found by its token only, under its key only', async () => {
    const lease = await held();
    expect(locks.find(KEY, lease.token)).toBe(lease);
    expect(locks.find(KEY, 'another token')).toBeUndefined();
    expect(locks.find('another key', lease.token)).toBeUndefined();
    await lease.release();
    expect(locks.find(KEY, lease.token)).toBeUndefined();
  });

  it('runs on monotonic time: a timer that fires early is set again, a late one counts as over', async () => {
    const clock = { ms: 0 };
    const timers: (() => void)[] = [];
    const own = createInProcessLocks({
      time: { now: () => 0, monotonic: () => clock.ms },
      setTimer: callback => {
        timers.push(callback);
        return () => undefined;
      },
    });
    const lease = await own.acquire(KEY, { leaseMs: 1000, waitMs: 0 });
    if (!lease.granted) throw new Error(lease.reason);
    clock.ms = 899.5;
    timers.at(-1)?.();
    expect(lease.signal.aborted).toBe(false);
    clock.ms = 999.5;
    timers.at(-1)?.();
    expect(lease.signal.aborted).toBe(true);
    expect(own.find(KEY, lease.token)).toBe(lease);
    clock.ms = 1000;
    expect(own.find(KEY, lease.token)).toBeUndefined();
    expect(await lease.release()).toBe(false);
    expect(own.size).toBe(0);
  });
});

describe('close', () => {
  it('sends waiters away, aborts leases and grants nothing more', async () => {
    const lease = await held();
    const waiting = locks.acquire(KEY, OPTIONS);
    const starting = locks.acquire('another key', OPTIONS);
    locks.close();
    expect(lease.signal.aborted).toBe(true);
    expect(await waiting).toMatchObject({ granted: false, reason: 'closed' });
    // A free key is granted at once, so this lease is lost like the other one.
    const started = await starting;
    expect(started).toMatchObject({ granted: true });
    expect(started.granted && started.signal.reason).toEqual(new LeaseLost('closed'));
    expect(await locks.acquire(KEY, OPTIONS)).toEqual({
      granted: false,
      reason: 'closed',
      waitedMs: 0,
    });
    expect(await lease.release()).toBe(false);
    expectIdle();
  });
});

describe('timers', () => {
  it('do not keep the process running', () => {
    vi.useRealTimers();
    const keepingAlive = (): number =>
      process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = keepingAlive();
    const cancel = setUnrefTimer(() => undefined, 600_000);
    const after = keepingAlive();
    cancel();
    expect(after).toBe(before);
  });
});
