import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RetryCause, DEFAULT_POLICY, type RetryPolicy } from '../../../lib/retry/policy';
import { waitBefore, type WaitInput } from '../../../lib/retry/schedule';

function policy(more: Partial<RetryPolicy>): RetryPolicy {
  return { ...DEFAULT_POLICY, jitter: { kind: 'none' }, firstAtOnce: false, ...more };
}

function waits(of: RetryPolicy, count: number, more: Partial<WaitInput> = {}): number[] {
  return Array.from({ length: count }, (_, index) =>
    waitBefore(of, {
      retry: index + 1,
      cause: 'noise',
      roundTripMs: 50,
      random: () => 0.5,
      ...more,
    }),
  );
}

const EXPONENTIAL = { kind: 'exponential', baseMs: 500, factor: 3, capMs: 4000 } as const;
const LIST = { kind: 'list', waitsMs: [500, 1500, 4000] } as const;

describe('waitBefore', () => {
  it('grows by the factor up to the cap', () => {
    expect(waits(policy({ schedule: EXPONENTIAL }), 4)).toEqual([500, 1500, 4000, 4000]);
    expect(waits(policy({ schedule: EXPONENTIAL }), 2000).at(-1)).toBe(4000);
  });

  it('stays at zero when it starts there, however many retries follow', () => {
    expect(waits(policy({ schedule: { ...EXPONENTIAL, baseMs: 0 } }), 2000).at(-1)).toBe(0);
  });

  it('follows a list and repeats its last entry', () => {
    expect(waits(policy({ schedule: LIST }), 5)).toEqual([500, 1500, 4000, 4000, 4000]);
  });

  it('lets the first rebase after noise go at once and starts the schedule with the next', () => {
    expect(waits(policy({ schedule: LIST, firstAtOnce: true }), 3)).toEqual([0, 500, 1500]);
    expect(waits(policy({ schedule: EXPONENTIAL, firstAtOnce: true }), 3)).toEqual([0, 500, 1500]);
  });

  it.each<RetryCause>(['transient', 'throttled', 'busy'])('never lets %s go at once', cause => {
    const atOnce = policy({ schedule: LIST, firstAtOnce: true });
    expect(waits(atOnce, 2, { cause })).toEqual([500, 1500]);
  });

  it('starts near the round trip, later after a fault than after noise', () => {
    const near = policy({
      schedule: { kind: 'exponential', baseMs: 'round-trip', factor: 2, capMs: 2000 },
    });
    expect(waits(near, 3, { roundTripMs: 150 })).toEqual([150, 300, 600]);
    expect(waits(near, 2, { roundTripMs: 1 })).toEqual([10, 20]);
    for (const cause of ['transient', 'throttled', 'busy'] as const) {
      expect(waits(near, 2, { roundTripMs: 1, cause })).toEqual([100, 200]);
      expect(waits(near, 1, { roundTripMs: 150, cause })).toEqual([150]);
    }
  });

  it('spreads by the jitter', () => {
    const at = (jitter: RetryPolicy['jitter'], random: number): number | undefined =>
      waits(policy({ schedule: LIST, jitter }), 1, { random: () => random })[0];
    expect([0, 0.5, 0.999].map(random => at({ kind: 'full' }, random))).toEqual([0, 250, 500]);
    const tenPercent = { kind: 'percent', percent: 10 } as const;
    expect([0, 0.5, 0.999].map(random => at(tenPercent, random))).toEqual([450, 500, 550]);
    expect([0, 0.5, 0.999].map(random => at({ kind: 'equal' }, random))).toEqual([250, 375, 500]);
    expect(at({ kind: 'none' }, 0.9)).toBe(500);
  });

  it('grows from wait to wait by chance with decorrelated jitter, never beyond the longest wait', () => {
    const jitter = { kind: 'decorrelated' } as const;
    const after = (
      schedule: RetryPolicy['schedule'],
      previousMs: number | undefined,
      random: number,
    ) =>
      waits(policy({ schedule, jitter }), 1, {
        random: () => random,
        ...(previousMs === undefined ? {} : { previousMs }),
      })[0];
    for (const schedule of [EXPONENTIAL, LIST]) {
      expect(after(schedule, undefined, 0)).toBe(500);
      expect(after(schedule, undefined, 0.999_999)).toBe(1500);
      expect(after(schedule, 1000, 0)).toBe(500);
      expect(after(schedule, 1000, 0.5)).toBe(1750);
      expect(after(schedule, 1000, 0.999_999)).toBe(3000);
      expect(after(schedule, 60_000, 0.999_999)).toBe(4000);
    }
    expect(after({ kind: 'list', waitsMs: [4000, 500] }, undefined, 0.999_999)).toBe(4000);
  });

  it('starts at the first wait with decorrelated jitter when the retry before went at once', () => {
    const of = policy({ schedule: LIST, jitter: { kind: 'decorrelated' }, firstAtOnce: true });
    expect(waits(of, 2, { previousMs: 0, random: () => 0 })).toEqual([0, 500]);
  });

  it.each(['none', 'full', 'equal', 'decorrelated'] as const)(
    'multiplies every wait by the factor (jitter %s)',
    kind => {
      const near = { kind: 'exponential', baseMs: 'round-trip', factor: 3, capMs: 400 } as const;
      for (const schedule of [EXPONENTIAL, LIST, near]) {
        const plain = policy({ schedule, jitter: { kind } });
        const first = waits(plain, 5, { roundTripMs: 80 });
        const longer = waits({ ...plain, waitFactor: 2 }, 5, { roundTripMs: 80 });
        expect(longer).toEqual(first.map(ms => 2 * ms));
      }
    },
  );

  it('takes Retry-After as a floor and spreads a little above it', () => {
    const list = policy({ schedule: LIST });
    const after = (retryAfterMs: number, random: number): number | undefined =>
      waits(list, 1, { cause: 'throttled', retryAfterMs, random: () => random })[0];
    expect(after(1000, 0)).toBe(1000);
    expect(after(1000, 0.5)).toBe(1050);
    expect(after(120_000, 0.5)).toBe(120_125);
    expect(after(100, 0.5)).toBe(500);
    expect(after(0, 0.5)).toBe(500);
  });

  it('holds a first retry at once back where the server names a time', () => {
    const atOnce = policy({ schedule: LIST, firstAtOnce: true });
    expect(waits(atOnce, 1, { retryAfterMs: 1000, random: () => 0 })).toEqual([1000]);
  });

  const anyPolicy = fc.record({
    schedule: fc.oneof(
      fc.record({
        kind: fc.constant('exponential' as const),
        baseMs: fc.oneof(fc.constant('round-trip' as const), fc.nat(5000)),
        factor: fc.double({ min: 1, max: 10, noNaN: true }),
        capMs: fc.nat(60_000),
      }),
      fc.record({
        kind: fc.constant('list' as const),
        waitsMs: fc.array(fc.nat(60_000), { minLength: 1 }),
      }),
    ),
    jitter: fc.oneof(
      fc.constant({ kind: 'full' as const }),
      fc.constant({ kind: 'equal' as const }),
      fc.constant({ kind: 'decorrelated' as const }),
      fc.constant({ kind: 'none' as const }),
      fc.record({ kind: fc.constant('percent' as const), percent: fc.nat(100) }),
    ),
    firstAtOnce: fc.boolean(),
  });
  const anyInput = fc.record({
    retry: fc.integer({ min: 1, max: 5000 }),
    cause: fc.constantFrom<RetryCause>('noise', 'transient', 'throttled', 'busy'),
    roundTripMs: fc.double({ min: 0, max: 30_000, noNaN: true }),
  });
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('jitter stays in its bounds around the wait without jitter', () => {
    fc.assert(
      fc.property(anyPolicy, anyInput, share, (parts, given, random) => {
        fc.pre(parts.jitter.kind !== 'decorrelated');
        const input = { ...given, random: () => random };
        const plain = waitBefore(policy({ ...parts, jitter: { kind: 'none' } }), input);
        const wait = waitBefore(policy(parts), input);
        const { jitter } = parts;
        const spread = jitter.kind === 'percent' ? (plain * jitter.percent) / 100 : 0;
        const share = jitter.kind === 'equal' ? 0.5 : 1;
        const lowest = jitter.kind === 'full' ? 0 : plain * share - spread;
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(Math.max(0, Math.floor(lowest) - 1));
        expect(wait).toBeLessThanOrEqual(Math.ceil(plain + spread) + 1);
      }),
    );
  });

  it('decorrelated jitter stays between the first wait, three times the wait before and the longest', () => {
    const previous = fc.option(fc.nat(200_000), { nil: undefined });
    fc.assert(
      fc.property(anyPolicy, anyInput, share, previous, (parts, given, random, previousMs) => {
        const { schedule } = parts;
        const none = policy({ schedule, jitter: { kind: 'none' } });
        const firstMs = waitBefore(none, { ...given, retry: 1, random: () => 0 });
        const longestMs = schedule.kind === 'list' ? Math.max(...schedule.waitsMs) : schedule.capMs;
        const wait = waitBefore(policy({ schedule, jitter: { kind: 'decorrelated' } }), {
          ...given,
          random: () => random,
          ...(previousMs === undefined ? {} : { previousMs }),
        });
        expect(wait).toBeGreaterThanOrEqual(Math.min(firstMs, longestMs));
        expect(wait).toBeLessThanOrEqual(longestMs);
        expect(wait).toBeLessThanOrEqual(3 * Math.max(firstMs, previousMs ?? 0) + 2);
      }),
    );
  });

  it('is never shorter than Retry-After, and longer by at most 250 ms where that decides', () => {
    fc.assert(
      fc.property(anyPolicy, anyInput, share, fc.nat(10_000_000), (parts, given, random, asked) => {
        const input = { ...given, random: () => random };
        const wait = waitBefore(policy(parts), { ...input, retryAfterMs: asked });
        const own = waitBefore(policy(parts), input);
        expect(wait).toBeGreaterThanOrEqual(asked);
        expect(wait).toBeLessThanOrEqual(Math.max(own, asked + 250));
      }),
    );
  });
});
