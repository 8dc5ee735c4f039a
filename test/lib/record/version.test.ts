import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkETag, checkVersion, isETag } from '../../../lib/record/version';

const invalid = expect.objectContaining({ name: 'InputError', code: 'VERSION_INVALID' });

describe('checkVersion', () => {
  it.each(['7', '2025-02-08 10:00:00', 'Sun, 06 Nov 1994 08:49:37 GMT', '1-967a', '"v7"', '0'])(
    'passes %s on',
    version => {
      expect(checkVersion(version)).toBe(version);
    },
  );

  it('writes the digits of a whole number', () => {
    expect(checkVersion(7)).toBe('7');
    expect(checkVersion(0)).toBe('0');
  });

  it.each([
    [undefined],
    [null],
    [''],
    [' '],
    [' v7'],
    ['v7 '],
    ['W/"1"\r\nX-Evil: 1'],
    ['"1"\n'],
    ['日本'],
    ['"ä"'],
    ['\u007f'],
    ['*'],
    [1.5],
    [NaN],
    [2 ** 53],
    [true],
    [{}],
    [['"1"']],
  ])('trap 11: the version %j is refused', version => {
    expect(() => checkVersion(version)).toThrow(invalid);
    expect(() => checkETag(version)).toThrow(invalid);
  });

  it('trap 12: what it takes leaves byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), text => {
        fc.pre(text.trim() === text && text !== '*');
        expect(checkVersion(text)).toBe(text);
      }),
    );
  });
});

describe('checkETag', () => {
  it.each([
    '"v7"',
    'W/"468026"',
    'W/"a,b"',
    `W/"datetimeoffset'2025-02-08T10%3A00%3A00Z'"`,
    `W/"'637'"`,
    '""',
    '"back\\slash"',
    'W/"JzEsNTYzNzE0NDU3Njsw"',
    '"abc-gzip"',
  ])('trap 12: the ETag %s is passed on byte for byte', etag => {
    expect(checkETag(etag)).toBe(etag);
    expect(isETag(etag)).toBe(true);
  });

  it.each([
    '*',
    'v7',
    '"v7',
    'v7"',
    'w/"v7"',
    'W/ "v7"',
    'W/v7',
    '"a"b"',
    '"a", "b"',
    '"a b"',
    '"a"\r\n',
    '"\u00e9"',
    "'v7'",
  ])('trap 11: the ETag %j is refused', etag => {
    expect(() => checkETag(etag)).toThrow(invalid);
    expect(isETag(etag)).toBe(false);
  });

  it('says what to do', () => {
    expect(() => checkETag('v7')).toThrow(/version of the record is not an ETag.*read again/);
  });
});
