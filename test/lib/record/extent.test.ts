import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBounded, isNestedTooDeep, MAX_NESTING, MAX_VALUES } from '../../../lib/record/extent';
import { parseJson, parseLossless } from '../../../lib/record/json';

/** Arrays and objects in turn, one in another. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('case U36: a bound on nesting', () => {
  it('is the same for values and for texts', () => {
    expect(isBounded(nested(MAX_NESTING))).toBe(true);
    expect(isBounded(nested(MAX_NESTING + 1))).toBe(false);
    expect(isNestedTooDeep(JSON.stringify(nested(MAX_NESTING)))).toBe(false);
    expect(isNestedTooDeep(JSON.stringify(nested(MAX_NESTING + 1)))).toBe(true);
  });

  it('holds wherever JSON is parsed', () => {
    for (const parse of [parseJson, parseLossless]) {
      expect(parse(JSON.stringify(nested(MAX_NESTING + 1)))).toBeUndefined();
      expect(parse(JSON.stringify(nested(MAX_NESTING)))).toBeDefined();
      expect(parse(JSON.stringify({ n: '12345678901234567', a: nested(MAX_NESTING) }))).toBe(
        undefined,
      );
    }
  });

  it('takes no brackets in strings for nesting', () => {
    const brackets = '[{'.repeat(MAX_NESTING);
    for (const text of [brackets, `\\"${brackets}`, `\\\\"${brackets}`, `"${brackets}\\`]) {
      const json = JSON.stringify({
        [text]: text,
        list: Array.from({ length: 200 }, () => [text]),
      });
      expect(isNestedTooDeep(json)).toBe(false);
      expect(parseJson(json)).toEqual(JSON.parse(json));
    }
  });

  it('is asked of any JSON, and answered as a walk through it would', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(MAX_NESTING + 2), (value, around) => {
        let whole: unknown = value;
        for (let level = 0; level < around; level++) whole = { '"]}': '\\"[', inner: [whole] };
        const isDeep = depthOf(whole) > MAX_NESTING;
        expect(isNestedTooDeep(JSON.stringify(whole))).toBe(isDeep);
        expect(isBounded(whole)).toBe(!isDeep);
      }),
    );
  });

  it.each([[], {}])('counts the innermost, also where it is empty: %j', innermost => {
    let whole: unknown = innermost;
    for (let level = 1; level < MAX_NESTING; level++) whole = [whole];
    expect([isNestedTooDeep(JSON.stringify(whole)), isBounded(whole)]).toEqual([false, true]);
    whole = [whole];
    expect([isNestedTooDeep(JSON.stringify(whole)), isBounded(whole)]).toEqual([true, false]);
  });

  it.each(['', '[', '"', '"[{', '{"a":"\\', '['.repeat(101)])('reads %j to its end', text => {
    expect(isNestedTooDeep(text)).toBe(text.length > 100);
  });
});

describe('case U38: a bound on values', () => {
  /** 2^levels values, as JSON writes them. */
  function doubled(levels: number): unknown {
    let value: unknown = 'x';
    for (let level = 0; level < levels; level++) value = { a: value, b: value };
    return value;
  }

  it('counts what is held many times over each time, and stops there', () => {
    expect(isBounded(doubled(10))).toBe(true);
    expect(isBounded(doubled(60))).toBe(false);
  });

  it('also where an object contains itself', () => {
    const circle: Record<string, unknown> = { list: [] };
    circle.list = [circle, circle];
    expect(isBounded(circle)).toBe(false);
  });

  it('does not go through an array that is long and empty', () => {
    expect(isBounded({ list: new Array(4_000_000_000) })).toBe(false);
    expect(isBounded({ list: new Array(3) })).toBe(true);
  });

  it('holds for one flat list, and leaves one that fits', () => {
    expect(isBounded(Array.from({ length: MAX_VALUES - 1 }, () => 1))).toBe(true);
    expect(isBounded(Array.from({ length: MAX_VALUES }, () => 1))).toBe(false);
  });
});
