import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHttpDate } from '../../../lib/retry/http-date';
import { parseRetryAfter } from '../../../lib/retry/retry-after';

const NOW = Date.UTC(2025, 1, 8, 12, 0, 0);

describe('parseRetryAfter', () => {
  it('trap 16: 120 is 120 s', () => {
    expect(parseRetryAfter('120', undefined, NOW)).toBe(120_000);
    expect(parseRetryAfter(' 120 ', undefined, NOW)).toBe(120_000);
    expect(parseRetryAfter('0', undefined, NOW)).toBe(0);
    expect(parseRetryAfter('999999999', undefined, NOW)).toBe(999_999_999_000);
  });

  it.each([
    ['2.0', 2000],
    [' 1.5 ', 1500],
    ['0.9', 900],
    ['1.0001', 1001],
  ])('case 3: trap 16: %j is a floor of %i ms', (value, ms) => {
    expect(parseRetryAfter(value, undefined, NOW)).toBe(ms);
  });

  it.each([
    'Sat, 08 Feb 2025 12:02:00 GMT',
    'Saturday, 08-Feb-25 12:02:00 GMT',
    'Sat Feb  8 12:02:00 2025',
  ])('trap 16: the HTTP-date %s is the time until then', date => {
    expect(parseRetryAfter(date, undefined, NOW)).toBe(120_000);
  });

  it("trap 16: a date counts from the answer's own Date, not from our clock", () => {
    const date = 'Sat, 08 Feb 2025 13:02:00 GMT';
    expect(parseRetryAfter(date, 'Sat, 08 Feb 2025 13:00:00 GMT', NOW)).toBe(120_000);
    expect(parseRetryAfter(date, 'nonsense', NOW)).toBe(3_720_000);
  });

  it('trap 16: a date in the past asks for no wait', () => {
    expect(parseRetryAfter('Sat, 08 Feb 2025 11:00:00 GMT', undefined, NOW)).toBe(0);
  });

  it.each([
    undefined,
    '',
    ' ',
    '-5',
    '1.5.2',
    '.5',
    '1.',
    '120, 60',
    '+5',
    '1e3',
    '0x10',
    '1234567890',
    'soon',
    '2025-02-08T12:02:00Z',
    'Sat, 08 Feb 2025 12:02:00 +0100',
    'Sat, 8 Feb 2025 12:02:00 GMT',
    'sat, 08 feb 2025 12:02:00 gmt',
    'Sun, 30 Feb 2025 12:02:00 GMT',
    'Sat, 08 Feb 2025 25:02:00 GMT',
    'Sat, 08 Feb 2025 12:02:00 GMT, Sat, 08 Feb 2025 12:02:00 GMT',
  ])('trap 16: %j is ignored', value => {
    expect(parseRetryAfter(value, undefined, NOW)).toBeUndefined();
  });

  it('trap 16: whatever the text, the wait is no year 120 and no less than was asked for', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', '1', '5', '9', '.', ',', '-', ' ', 'e') }),
        text => {
          const ms = parseRetryAfter(text, undefined, NOW);
          if (ms !== undefined) expect(ms).toBe(Math.ceil(Number(text.trim()) * 1000));
        },
      ),
    );
  });
});

describe('parseHttpDate', () => {
  it('reads what toUTCString writes', () => {
    const when = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(when, date => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseHttpDate(date.toUTCString(), NOW)).toBe(seconds);
      }),
    );
  });

  it('places a two-digit year at most 50 years ahead', () => {
    const year = (text: string): number =>
      new Date(parseHttpDate(text, NOW) ?? NaN).getUTCFullYear();
    expect(year('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(1994);
    expect(year('Sunday, 06-Nov-75 08:49:37 GMT')).toBe(2075);
    expect(year('Sunday, 06-Nov-76 08:49:37 GMT')).toBe(1976);
  });
});
