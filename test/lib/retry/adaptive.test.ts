import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMonitor } from '../../../lib/monitor/monitor';
import { adaptedTo, followingConflicts } from '../../../lib/retry/adaptive';
import { DEFAULT_POLICY, type RetryPolicy } from '../../../lib/retry/policy';
import { waitBefore } from '../../../lib/retry/schedule';
import { ended, noisy } from '../monitor/ended';

const MINUTE_MS = 60_000;

/** Updates of an endpoint that somebody counts, and the policy that follows from that. */
class Counted {
  now = 0;
  readonly monitor = createMonitor({
    time: { now: () => this.now },
    store: () => Promise.reject(new Error('Nothing is kept.')),
    setTimer: () => () => undefined,
  });
  private readonly policyNow = followingConflicts(
    () => DEFAULT_POLICY,
    () => this.monitor.lately(),
  );

  /** So many updates at one time, of which so many met a conflict. */
  told(now: number, settled: number, conflicts: number): void {
    this.now = now;
    for (let n = 0; n < settled; n++) this.monitor.add(n < conflicts ? noisy() : ended());
  }

  isAdapted(now: number): boolean {
    this.now = now;
    return this.policyNow() !== DEFAULT_POLICY;
  }
}

describe('the measured rate of conflicts', () => {
  it.each([
    [19, 19, false],
    [20, 6, false], // 30 %
    [20, 7, true],
    [100, 31, true],
    [0, 0, false],
  ])('of %i updates with %i conflicts: followed is %s', (settled, conflicts, expected) => {
    const counted = new Counted();
    counted.told(0, settled, conflicts);
    expect(counted.isAdapted(0)).toBe(expected);
  });

  it('is followed until it falls below 15 %', () => {
    const counted = new Counted();
    counted.told(0, 20, 10);
    expect(counted.isAdapted(0)).toBe(true);
    counted.told(1, 40, 0); // 16.7 %
    expect(counted.isAdapted(1)).toBe(true);
    counted.told(2, 10, 0); // 14.3 %
    expect(counted.isAdapted(2)).toBe(false);
    counted.told(3, 5, 5); // 20 %: not enough to begin anew
    expect(counted.isAdapted(3)).toBe(false);
  });

  it('is that of five minutes', () => {
    const counted = new Counted();
    counted.told(0, 20, 20);
    expect(counted.isAdapted(5 * MINUTE_MS - 1)).toBe(true);
    expect(counted.isAdapted(5 * MINUTE_MS)).toBe(false);
  });

  it('is the one that live figures show', () => {
    const counted = new Counted();
    const { monitor } = counted;
    for (let minute = 0; minute < 12; minute++) {
      counted.told(minute * MINUTE_MS, minute + 5, minute % 4);
      monitor.add({ ...noisy(), type: 'other' });
      monitor.add(ended({ outcome: 'retry' }));
      const { updates, conflicts } = monitor.recent(5);
      expect(monitor.lately()).toEqual({ settled: updates, conflicts });
    }
  });
});

describe('a policy that follows it', () => {
  it.each([
    [0.15, 8, 1],
    [0.375, 12, 2.5],
    [0.6, 16, 4],
    [1, 16, 4],
  ])('at %d: %i retries, waits times %d', (rate, conflictRetries, stretch) => {
    const adapted = adaptedTo(rate, DEFAULT_POLICY);
    expect(adapted.conflictRetries).toBe(conflictRetries);
    expect(adapted.stretch).toBeCloseTo(stretch);
    expect(adapted).toMatchObject({ deadlineMs: 30_000, transientRetries: 4 });
  });

  it('leaves no retries at none', () => {
    expect(adaptedTo(1, { ...DEFAULT_POLICY, conflictRetries: 0 }).conflictRetries).toBe(0);
  });
});

describe('a stretched wait', () => {
  const policy: RetryPolicy = {
    ...DEFAULT_POLICY,
    schedule: { kind: 'list', waitsMs: [1000] },
    jitter: { kind: 'none' },
    firstAtOnce: false,
    stretch: 4,
  };
  const first = { retry: 1, cause: 'noise', roundTripMs: 0, random: () => 0.5 } as const;

  it('is so many times as long', () => {
    expect(waitBefore(policy, first)).toBe(4000);
    expect(waitBefore({ ...policy, firstAtOnce: true }, first)).toBe(0);
  });

  it('takes no more than its share of the time that is left, unless it would without', () => {
    expect(waitBefore(policy, { ...first, shareMs: 2500 })).toBe(2500);
    expect(waitBefore(policy, { ...first, shareMs: 100 })).toBe(1000);
  });

  it('is one after a conflict only', () => {
    expect(waitBefore(policy, { ...first, cause: 'transient' })).toBe(1000);
    expect(waitBefore(policy, { ...first, cause: 'busy' })).toBe(1000);
  });

  it('never comes before the time that the server names', () => {
    const wait = waitBefore(policy, { ...first, retryAfterMs: 9000 });
    expect(wait).toBeGreaterThanOrEqual(9000);
  });

  it('keeps within its bounds, whatever the rate', () => {
    const rates = fc.double({ min: 0, max: 1, noNaN: true });
    const shares = fc.integer({ min: 0, max: 60_000 });
    fc.assert(
      fc.property(
        rates,
        shares,
        fc.nat(20),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (rate, shareMs, n, at) => {
          const input = { ...first, retry: n + 1, roundTripMs: 50, random: () => at };
          const plain = waitBefore(DEFAULT_POLICY, input);
          const wait = waitBefore(adaptedTo(rate, DEFAULT_POLICY), { ...input, shareMs });
          expect(wait).toBeGreaterThanOrEqual(plain);
          expect(wait).toBeLessThanOrEqual(Math.max(plain * 4 + 2, plain));
          expect(wait).toBeLessThanOrEqual(Math.max(plain, shareMs) + 1);
        },
      ),
    );
  });
});
