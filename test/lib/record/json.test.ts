import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, parseLossless, stringifyLossless, withMembers } from '../../../lib/record/json';

describe('parseJson', () => {
  it('reads JSON like JSON.parse, next to a large number too', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        fc.pre(!text.includes('__proto__') && !/(?<![\d.])\d{16,}(?![\d.e])/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
        const both = parseJson(`[12345678901234567,${text}]`);
        expect(both).toEqual(['12345678901234567', JSON.parse(text)]);
      }),
    );
  });

  it.each(['', '<html>', '{"a":', '{"a":12345678901234567', '[1,]'])(
    'takes %j for no JSON',
    text => {
      expect(parseJson(text)).toBeUndefined();
    },
  );

  it('trap 23: keeps the digits of integers beyond 2^53', () => {
    const text = '{"a":9007199254740993,"b":9007199254740991,"c":-12345678901234567890,"d":[1.5]}';
    expect(parseJson(text)).toEqual({
      a: '9007199254740993',
      b: 9007199254740991,
      c: '-12345678901234567890',
      d: [1.5],
    });
  });

  it('gives every integer back digit by digit, as a number only where that is exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), integer => {
        const value = (parseJson(`{"n":${integer}}`) as { n: unknown }).n;
        expect(BigInt(value as string | number)).toBe(integer);
        if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });

  it('keeps a decimal a number only where no digit is lost', () => {
    expect(parseJson('{"a":0.1234567890123456,"b":1.5000000000000000}')).toEqual({
      a: 0.1234567890123456,
      b: 1.5,
    });
    expect(parseJson('{"a":99999999999.1234567891,"b":0.12345678901234567890}')).toEqual({
      a: '99999999999.1234567891',
      b: '0.12345678901234567890',
    });
  });

  it.each([
    '{"__proto__":{"polluted":1},"a":1}',
    '{"\\u005f_proto__":{"polluted":1},"a":1}',
    '{"_\\u005Fproto__":{"polluted":1},"a":1}',
    '{"__proto__":{"polluted":12345678901234567890},"a":1}',
  ])('drops the prototype key of %s', text => {
    const value = parseJson(text) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['a']);
    expect(Object.assign({}, value)).not.toHaveProperty('polluted');
  });

  it('lets the last of two equal names win, with and without large numbers', () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parseJson('{"a":12345678901234567890,"a":2}')).toEqual({ a: 2 });
  });
});

describe('parseLossless and stringifyLossless', () => {
  it('give every number back as it came, with changes mixed in', () => {
    const text = '{"id":12345678901234567890,"rate":1.50,"big":2.3e500,"name":"x"}';
    const record = parseLossless(text) as Record<string, unknown>;
    expect(stringifyLossless({ ...record, name: 'y', count: 3 })).toBe(
      '{"id":12345678901234567890,"rate":1.50,"big":2.3e500,"name":"y","count":3}',
    );
  });

  it('give nothing, or throw, for what is no JSON', () => {
    expect(parseLossless('<html>')).toBeUndefined();
    expect(() => stringifyLossless(undefined)).toThrow(TypeError);
  });
});

describe('withMembers', () => {
  it('adds members to the JSON of an object, of whatever members', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(objects, objects, (one, other) => {
        const further = Object.fromEntries(
          Object.entries(other).map(([name, value]) => [`further ${name}`, value]),
        );
        const both = JSON.parse(withMembers(JSON.stringify(one), further)) as unknown;
        const given = JSON.parse(JSON.stringify(one)) as Record<string, unknown>;
        expect(both).toEqual({ ...given, ...(JSON.parse(JSON.stringify(further)) as object) });
      }),
    );
  });
});
