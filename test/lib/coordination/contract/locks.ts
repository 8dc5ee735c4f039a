import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  LeaseLost,
  type AcquireOptions,
  type Lease,
  type RecordLocks,
} from '../../../../lib/coordination/lock';

/** Locks as a test opens them: new for each, and told when nothing is left of them. */
export interface OpenLocks {
  readonly locks: RecordLocks & { readonly size: number };
}

const PATIENT: AcquireOptions = { leaseMs: 30_000, waitMs: 600_000 };
let count = 0;

/** What every kind of record locks does. Runs on real time: nothing here waits for longer than it must. */
export function locksContract(open: () => Promise<OpenLocks>): void {
  let locks: OpenLocks['locks'];
  let key: string;

  beforeEach(async () => {
    ({ locks } = await open());
    key = `http://mes/orders(${++count})`;
  });

  async function held(options: Partial<AcquireOptions> = {}, name = key): Promise<Lease> {
    const result = await locks.acquire(name, { ...PATIENT, ...options });
    if (!result.granted) throw new Error(`not acquired: ${result.reason}`);
    return result;
  }

  const idle = (): Promise<void> => settles(() => expect(locks.size).toBe(0));

  async function settles(check: () => void): Promise<void> {
    await vi.waitFor(check, { timeout: 240_000, interval: 5 });
  }

  describe('acquire and release', () => {
    it('grants a free key, finds the lease by key and token only, and forgets it after the release', async () => {
      const lease = await held();
      expect(lease).toMatchObject({ granted: true, key });
      expect(lease.expiresAt).toBeGreaterThan(Date.now());
      expect(lease.expiresAt).toBeLessThanOrEqual(Date.now() + 30_000);
      expect(locks.find(key, lease.token)).toBe(lease);
      expect(locks.find('another key', lease.token)).toBeUndefined();
      expect(locks.find(key, 'another token')).toBeUndefined();
      expect(await lease.release()).toBe(true);
      expect(locks.find(key, lease.token)).toBeUndefined();
      expect(lease.signal.aborted).toBe(false);
      await idle();
    });

    it('releases once, and never the lease of the next one', async () => {
      const first = await held();
      const next = held();
      await first.release();
      const second = await next;
      expect(await first.release()).toBe(false);
      expect(locks.find(key, second.token)).toBe(second);
      expect(await second.extend(30_000)).toBe(true);
      expect(await second.release()).toBe(true);
    });

    it('serves one key first come, first served, one at a time, with growing fences', async () => {
      const order: number[] = [];
      const fences: number[] = [];
      let holders = 0;
      const first = await held();
      const others = Array.from({ length: 20 }, async (_, number) => {
        const lease = await held();
        expect(++holders).toBe(1);
        order.push(number);
        fences.push(lease.fence);
        await Promise.resolve();
        holders--;
        await lease.release();
      });
      expect(order).toEqual([]);
      await first.release();
      await Promise.all(others);
      expect(order).toEqual(Array.from({ length: 20 }, (_, number) => number));
      expect(fences).toEqual([...new Set([first.fence, ...fences])].sort((a, b) => a - b).slice(1));
      await idle();
    });

    it('lets different keys pass', async () => {
      const leases = await Promise.all([held(), held({}, `${key}-other`)]);
      expect(locks.size).toBe(2);
      await Promise.all(leases.map(async lease => lease.release()));
      await idle();
    });

    it('gives every lease its own token, and a fence above the one before, also when the key was forgotten', async () => {
      const first = await held();
      await first.release();
      await idle();
      const second = await held();
      expect(second.token).not.toBe(first.token);
      expect(second.fence).toBeGreaterThan(first.fence);
      await second.release();
    });

    it.each([{ leaseMs: NaN }, { leaseMs: -1 }, { waitMs: Infinity }, { waitMs: 2 ** 31 }])(
      'refuses times no timer can hold: %j',
      async options => {
        await expect(locks.acquire(key, { ...PATIENT, ...options })).rejects.toThrow(RangeError);
        await idle();
      },
    );
  });

  describe('waiting', () => {
    it('with waitMs 0 takes a free key and no other, and is told that it had to wait', async () => {
      const onWait = vi.fn();
      const lease = await held({ waitMs: 0, onWait });
      expect(onWait).not.toHaveBeenCalled();
      const result = await locks.acquire(key, { ...PATIENT, waitMs: 0, onWait });
      expect(result).toMatchObject({ granted: false, reason: 'timeout' });
      expect(onWait).toHaveBeenCalledOnce();
      await lease.release();
    });

    it('ends when its time is over, and no longer counts', async () => {
      const lease = await held();
      const late = await locks.acquire(key, { ...PATIENT, waitMs: 20, maxWaiters: 1 });
      expect(late).toMatchObject({ granted: false, reason: 'timeout' });
      expect(late).toMatchObject({ waitedMs: expect.any(Number) });
      const next = held({ maxWaiters: 1 });
      await lease.release();
      await (await next).release();
    });

    it('turns away who comes when the queue of the key is full', async () => {
      const lease = await held();
      const waiter = held({ maxWaiters: 1 });
      const result = await locks.acquire(key, { ...PATIENT, maxWaiters: 1 });
      expect(result).toEqual({ granted: false, reason: 'queue-full', waitedMs: 0 });
      await lease.release();
      await (await waiter).release();
    });

    it('an abort ends it at once and leaves no listener; the next one has its turn', async () => {
      const lease = await held();
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = locks.acquire(key, { ...PATIENT, signal });
      const next = held();
      controller.abort();
      expect(await waiting).toMatchObject({ granted: false, reason: 'aborted' });
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      await lease.release();
      await (await next).release();
      await idle();
    });

    it('one cancelled at the moment of its turn passes the turn on', async () => {
      const lease = await held();
      const controller = new AbortController();
      const cancelled = locks.acquire(key, { ...PATIENT, signal: controller.signal });
      const next = held();
      const released = lease.release();
      controller.abort();
      expect(await released).toBe(true);
      expect(await cancelled).toMatchObject({ granted: false, reason: 'aborted' });
      await (await next).release();
    });

    it('a key whose only waiter was cancelled at the moment of its turn is free', async () => {
      const lease = await held();
      const controller = new AbortController();
      const cancelled = locks.acquire(key, { ...PATIENT, signal: controller.signal });
      void lease.release();
      controller.abort();
      await cancelled;
      await (await held()).release();
      await idle();
    });

    it('does not queue under an aborted signal', async () => {
      const result = await locks.acquire(key, { ...PATIENT, signal: AbortSignal.abort() });
      expect(result).toEqual({ granted: false, reason: 'aborted', waitedMs: 0 });
    });
  });

  describe('what a holder leaves', () => {
    const LEFT = { by: 'the first' };

    it('goes to whoever gets the lock straight from its hand, and to nobody after him', async () => {
      const first = await held();
      expect(first.left).toBeUndefined();
      const others = [held(), held()];
      await first.release(LEFT);
      const [second, third] = [await others[0], others[1]];
      expect(second?.left).toBe(LEFT);
      await second?.release();
      const last = await third;
      expect(last?.left).toBeUndefined();
      await last?.release();
      await idle();
    });

    it('is gone with the lock where nobody waits', async () => {
      const first = await held();
      await first.release(LEFT);
      await idle();
      const second = await held();
      expect(second.left).toBeUndefined();
      await second.release();
    });

    it('is nothing where the lease was lost before', async () => {
      const first = await held({ leaseMs: 100 });
      const next = await held();
      expect(await first.release(LEFT)).toBe(false);
      expect(next.left).toBeUndefined();
      await next.release();
    });

    it('passes over one who gave up', async () => {
      const first = await held();
      const abort = new AbortController();
      const gone = locks.acquire(key, { ...PATIENT, signal: abort.signal });
      const next = held();
      abort.abort();
      await first.release(LEFT);
      expect(await gone).toMatchObject({ granted: false });
      const second = await next;
      expect(second.left).toBe(LEFT);
      await second.release();
    });
  });

  describe('the lease', () => {
    it('ends by itself: the holder is told before, and the next one comes', async () => {
      const lease = await held({ leaseMs: 100 });
      const next = await held();
      expect(lease.signal.aborted).toBe(true);
      expect(lease.signal.reason).toEqual(new LeaseLost('expired'));
      expect(locks.find(key, lease.token)).toBeUndefined();
      expect(await lease.extend(1000)).toBe(false);
      expect(await lease.release()).toBe(false);
      expect(locks.find(key, next.token)).toBe(next);
      await next.release();
    });

    it('is extended from now on', async () => {
      const lease = await held({ leaseMs: 5000 });
      const before = lease.expiresAt;
      expect(await lease.extend(60_000)).toBe(true);
      expect(lease.expiresAt).toBeGreaterThan(before + 50_000);
      expect(lease.signal.aborted).toBe(false);
      await lease.release();
    });
  });

  describe('close', () => {
    it('sends waiters away, aborts leases and grants nothing more', async () => {
      const lease = await held();
      const waiting = locks.acquire(key, PATIENT);
      const starting = locks.acquire(`${key}-other`, PATIENT);
      locks.close();
      expect(lease.signal.reason).toEqual(new LeaseLost('closed'));
      expect(await waiting).toMatchObject({ granted: false, reason: 'closed' });
      const started = await starting;
      expect(started.granted ? started.signal.reason : started).toMatchObject(
        started.granted ? new LeaseLost('closed') : { reason: 'closed' },
      );
      expect(await locks.acquire(key, PATIENT)).toMatchObject({ reason: 'closed' });
      expect(await lease.release()).toBe(false);
      await idle();
    });
  });
}
