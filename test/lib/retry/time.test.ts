import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadlineAfter, MAX_TIMER_MS, systemTime } from '../../../lib/retry/time';

describe('systemTime', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sleeps for the time given', async () => {
    const woken = vi.fn();
    const sleeping = systemTime.sleep(500).then(woken);
    await vi.advanceTimersByTimeAsync(499);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
    expect(woken).toHaveBeenCalledOnce();
  });

  it("trap 25: an abort ends a sleep at once with the signal's reason and leaves no timer", async () => {
    const controller = new AbortController();
    const sleeping = systemTime.sleep(60_000, controller.signal);
    const reason = new Error('redeploy');
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not start under an aborted signal', async () => {
    const reason = new Error('stopped');
    await expect(systemTime.sleep(1, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const sleeping = systemTime.sleep(10, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10);
    await sleeping;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it.each([MAX_TIMER_MS + 1, Infinity, NaN, -1])('trap 17: refuses to sleep %s ms', async ms => {
    await expect(systemTime.sleep(ms)).rejects.toThrow(RangeError);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('trap 17: the longest timer does not fire at once', async () => {
    const controller = new AbortController();
    const woken = vi.fn();
    const sleeping = systemTime.sleep(MAX_TIMER_MS, controller.signal).then(woken);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(woken).not.toHaveBeenCalled();
    controller.abort();
    await expect(sleeping).rejects.toThrow();
  });
});

describe('deadlineAfter', () => {
  function clock(): { ms: number; monotonic: () => number } {
    const state = { ms: 1_000_000, monotonic: () => state.ms };
    return state;
  }

  it('counts down on monotonic time and never below zero', () => {
    const time = clock();
    const deadline = deadlineAfter(100, time);
    expect(deadline.remainingMs()).toBe(100);
    time.ms += 70;
    expect(deadline.remainingMs()).toBe(30);
    time.ms += 70;
    expect(deadline.remainingMs()).toBe(0);
  });

  it('trap 17: allows a wait only if it ends before the deadline', () => {
    const time = clock();
    const deadline = deadlineAfter(100, time);
    expect(deadline.allows(99)).toBe(true);
    expect(deadline.allows(100)).toBe(false);
    time.ms += 100;
    expect(deadline.allows(0)).toBe(false);
  });

  it('trap 17: allows no wait that a timer cannot hold', () => {
    const deadline = deadlineAfter(2 * MAX_TIMER_MS, clock());
    expect(deadline.allows(MAX_TIMER_MS)).toBe(true);
    expect(deadline.allows(MAX_TIMER_MS + 1)).toBe(false);
    expect(deadline.allows(NaN)).toBe(false);
  });
});
