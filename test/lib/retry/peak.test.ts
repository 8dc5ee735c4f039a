import { describe, expect, it, test } from 'vitest';
import { isPeak, type PeakHours, parsePeakHours } from '../../../lib/retry/peak';

const WORKDAYS = [1, 2, 3, 4, 5];

function hours(from: string, to: string, more: Partial<PeakHours> = {}): PeakHours {
  const parsed = parsePeakHours({ from, to, days: '1,2,3,4,5', zone: 'Europe/Berlin' });
  return { ...parsed, ...more };
}

function at(of: PeakHours, utc: string): boolean {
  return isPeak(of, Date.parse(utc));
}

describe('hours within a day', () => {
  const afternoon = hours('14:00', '17:00');

  // 2026-02-09 is a Monday; Berlin is one hour ahead in winter and two in summer.
  it.each([
    ['2026-02-09T12:59:59.999Z', false],
    ['2026-02-09T13:00:00Z', true],
    ['2026-02-09T15:59:59.999Z', true],
    ['2026-02-09T16:00:00Z', false],
    ['2026-07-06T12:00:00Z', true],
    ['2026-07-06T15:00:00Z', false],
    ['2026-02-08T14:00:00Z', false], // Sunday
    ['2026-02-07T14:00:00Z', false], // Saturday
  ])('%s: %s', (utc, expected) => {
    expect(at(afternoon, utc)).toBe(expected);
  });

  it('follow the time zone, not UTC', () => {
    const inTokyo = hours('08:00', '09:00', { timeZone: 'Asia/Tokyo' });
    // Sunday 23:30 UTC is Monday 08:30 in Tokyo.
    expect(at(inTokyo, '2026-02-08T23:30:00Z')).toBe(true);
    expect(at(inTokyo, '2026-02-09T08:30:00Z')).toBe(false);
  });

  it('begin at midnight as at any other minute', () => {
    const night = hours('00:00', '00:30', { timeZone: 'UTC' });
    expect(at(night, '2026-02-09T00:00:00Z')).toBe(true);
    expect(at(night, '2026-02-09T00:30:00Z')).toBe(false);
    expect(at(night, '2026-02-08T23:59:00Z')).toBe(false);
  });
});

describe('hours across midnight belong to the day they begin on', () => {
  const shift = hours('22:00', '06:00', { timeZone: 'UTC' });

  it.each([
    ['2026-02-09T21:59:00Z', false], // Monday
    ['2026-02-09T22:00:00Z', true],
    ['2026-02-10T05:59:00Z', true],
    ['2026-02-10T06:00:00Z', false],
    ['2026-02-14T05:59:00Z', true], // Saturday morning, begun on Friday
    ['2026-02-14T22:30:00Z', false], // Saturday evening
    ['2026-02-09T05:00:00Z', false], // Monday morning, begun on Sunday
  ])('%s: %s', (utc, expected) => {
    expect(at(shift, utc)).toBe(expected);
  });

  it('also from Saturday to Sunday', () => {
    const weekend = hours('22:00', '06:00', { timeZone: 'UTC', weekdays: [6] });
    expect(at(weekend, '2026-02-08T03:00:00Z')).toBe(true);
    expect(at(weekend, '2026-02-09T03:00:00Z')).toBe(false);
  });
});

test('equal times mean the whole day', () => {
  for (const time of ['00:00', '14:00']) {
    const whole = hours(time, time, { timeZone: 'UTC', weekdays: [1] });
    expect(at(whole, '2026-02-08T23:59:59Z')).toBe(false);
    expect(at(whole, '2026-02-09T00:00:00Z')).toBe(true);
    expect(at(whole, '2026-02-09T23:59:59Z')).toBe(true);
    expect(at(whole, '2026-02-10T00:00:00Z')).toBe(false);
  }
});

describe('days on which the clock is changed', () => {
  const everyDay = { weekdays: [0, ...WORKDAYS, 6] };

  test('hours that begin in the skipped hour begin right after it', () => {
    const early = hours('02:30', '04:00', everyDay);
    // 2026-03-29: 02:00 in Berlin (01:00 UTC) becomes 03:00.
    expect(at(early, '2026-03-29T00:59:59Z')).toBe(false);
    expect(at(early, '2026-03-29T01:00:00Z')).toBe(true);
    expect(at(early, '2026-03-29T01:59:59Z')).toBe(true);
    expect(at(early, '2026-03-29T02:00:00Z')).toBe(false);
  });

  test('the repeated hour counts twice', () => {
    const early = hours('02:00', '03:00', everyDay);
    // 2026-10-25: 03:00 in Berlin (01:00 UTC) becomes 02:00.
    expect(at(early, '2026-10-24T23:59:00Z')).toBe(false);
    expect(at(early, '2026-10-25T00:30:00Z')).toBe(true);
    expect(at(early, '2026-10-25T01:30:00Z')).toBe(true);
    expect(at(early, '2026-10-25T02:00:00Z')).toBe(false);
  });

  test('hours across such a midnight end by the clock of the next day', () => {
    const night = hours('22:00', '06:00', { weekdays: [6] });
    expect(at(night, '2026-03-28T21:00:00Z')).toBe(true);
    expect(at(night, '2026-03-29T03:59:00Z')).toBe(true); // 05:59 summer time
    expect(at(night, '2026-03-29T04:00:00Z')).toBe(false);
  });
});

describe('parsePeakHours', () => {
  const input = { from: '14:00', to: '17:00', days: '1,2,3,4,5', zone: 'Europe/Berlin' };

  it('reads what a dialog holds', () => {
    expect(parsePeakHours({ ...input, from: ' 9:05 ', to: '23:59', days: '0, 6,6' })).toEqual({
      fromMinute: 545,
      toMinute: 1439,
      weekdays: [0, 6],
      timeZone: 'Europe/Berlin',
    });
  });

  it('takes the time zone of the process where none is given', () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(parsePeakHours({ ...input, zone: ' ' }).timeZone).toBe(own);
  });

  it.each([
    ['from', '24:00', /^From of the peak hours .*"24:00".*"14:00"/],
    ['from', '14', /^From/],
    ['to', '12:60', /^To of the peak hours/],
    ['to', '', /^To/],
    ['to', '-1:00', /^To/],
    ['days', '', /^Days of the peak hours .*at least one/],
    ['days', '7', /^Days/],
    ['days', 'Mon', /^Days/],
    ['days', '1,,2', /^Days/],
    ['zone', 'Berlin', /^Time zone of the peak hours .*"Europe\/Berlin"/],
    ['zone', 'Europe/Atlantis', /^Time zone/],
  ])('refuses %s "%s" and names the way out', (field, text, message) => {
    expect(() => parsePeakHours({ ...input, [field]: text })).toThrow(
      expect.objectContaining({ code: 'PEAK_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
