import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adaptedTo, ConflictMeter } from '../../../lib/retry/adaptive';
import { DEFAULT_POLICY, type RetryPolicy } from '../../../lib/retry/policy';
import { waitBefore } from '../../../lib/retry/schedule';

const MINUTE_MS = 60_000;

/** So many updates at one time, of which so many met a conflict. */
function told(meter: ConflictMeter, now: number, settled: number, conflicts: number): void {
  for (let n = 0; n < settled; n++) meter.add(now, n < conflicts);
}

function isAdapted(meter: ConflictMeter, now: number): boolean {
  return meter.adapted(DEFAULT_POLICY, now) !== DEFAULT_POLICY;
}

describe('the measured rate of conflicts', () => {
  it.each([
    [19, 19, false],
    [20, 6, false], // 30 %
    [20, 7, true],
    [100, 31, true],
    [0, 0, false],
  ])('of %i updates with %i conflicts: followed is %s', (settled, conflicts, expected) => {
    const meter = new ConflictMeter();
    told(meter, 0, settled, conflicts);
    expect(isAdapted(meter, 0)).toBe(expected);
  });

  it('is followed until it falls below 15 %', () => {
    const meter = new ConflictMeter();
    told(meter, 0, 20, 10);
    expect(isAdapted(meter, 0)).toBe(true);
    told(meter, 1, 40, 0); // 16.7 %
    expect(isAdapted(meter, 1)).toBe(true);
    told(meter, 2, 10, 0); // 14.3 %
    expect(isAdapted(meter, 2)).toBe(false);
    told(meter, 3, 5, 5); // 20 %: not enough to begin anew
    expect(isAdapted(meter, 3)).toBe(false);
  });

  it('is that of five minutes', () => {
    const meter = new ConflictMeter();
    told(meter, 0, 20, 20);
    expect(isAdapted(meter, 5 * MINUTE_MS - 1)).toBe(true);
    expect(isAdapted(meter, 5 * MINUTE_MS)).toBe(false);
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
