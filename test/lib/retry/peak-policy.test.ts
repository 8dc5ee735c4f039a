import { afterEach, expect, test, vi } from 'vitest';
import { parsePeakHours, peakPolicy, policyByHour } from '../../../lib/retry/peak';
import { DEFAULT_POLICY, type RetryPolicy } from '../../../lib/retry/policy';
import { waitBefore } from '../../../lib/retry/schedule';

afterEach(() => {
  vi.restoreAllMocks();
});

const CHANGES = { conflictRetries: 12, deadlineMs: 60_000, waitFactor: 2 };

function waits(policy: RetryPolicy): number[] {
  const fixed = { ...policy, jitter: { kind: 'none' }, firstAtOnce: false } as const;
  return [1, 2, 3, 9].map(retry =>
    waitBefore(fixed, { retry, cause: 'noise', roundTripMs: 40, random: () => 0 }),
  );
}

test('the policy for peak hours has more retries, longer waits and more time', () => {
  const peak = peakPolicy(DEFAULT_POLICY, CHANGES);
  expect(peak).toMatchObject({ conflictRetries: 12, deadlineMs: 60_000, transientRetries: 4 });
  expect(waits(DEFAULT_POLICY)).toEqual([40, 80, 160, 2000]);
  expect(waits(peak)).toEqual([80, 160, 320, 4000]);
});

test('a list of waits is multiplied entry by entry', () => {
  const schedule = { kind: 'list', waitsMs: [500, 1500, 4000] } as const;
  expect(waits(peakPolicy({ ...DEFAULT_POLICY, schedule }, CHANGES))).toEqual([
    1000, 3000, 8000, 8000,
  ]);
});

test('the policy changes with the minute in which the peak hours begin and end', () => {
  const hours = parsePeakHours({ from: '14:00', to: '17:00', days: '1', zone: 'Europe/Berlin' });
  const peak = peakPolicy(DEFAULT_POLICY, CHANGES);
  const policyAt = policyByHour({ normal: DEFAULT_POLICY, peak, hours });
  const at = (utc: string): RetryPolicy => policyAt(Date.parse(utc));
  expect(at('2026-02-09T12:59:59.999Z')).toBe(DEFAULT_POLICY);
  expect(at('2026-02-09T13:00:00.000Z')).toBe(peak);
  expect(at('2026-02-09T15:59:59.999Z')).toBe(peak);
  expect(at('2026-02-09T16:00:00.000Z')).toBe(DEFAULT_POLICY);
  // A clock that is set back is followed too.
  expect(at('2026-02-09T15:00:00.000Z')).toBe(peak);
});

test('the time zone is worked out at most once per minute', () => {
  const hours = parsePeakHours({ from: '14:00', to: '17:00', days: '1', zone: 'Europe/Berlin' });
  const peak = peakPolicy(DEFAULT_POLICY, CHANGES);
  const policyAt = policyByHour({ normal: DEFAULT_POLICY, peak, hours });
  const intl = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
  const begin = Date.parse('2026-02-09T13:00:00Z');
  for (let ms = 0; ms < 120_000; ms += 500) policyAt(begin + ms);
  expect(intl).toHaveBeenCalledTimes(2);
});
