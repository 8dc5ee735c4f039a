import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLossless, stringifyLossless } from '../../../lib/record/json';
import { mergePatch, patchCollides, patchHolds } from '../../../lib/record/merge';

const EXACT = { type: undefined, missingMeansNull: false };
const NULLS = { type: undefined, missingMeansNull: true };

describe('mergePatch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c', e: 1 } }, { a: { b: 'd' } }, { a: { b: 'd', e: 1 } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, 'bar', 'bar'],
    [[1, 2], { a: 'b' }, { a: 'b' }],
    [null, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: 1, b: 2 }, { a: undefined }, { a: 1, b: 2 }],
  ])('%j with %j is %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  it('sets null instead of removing the field', () => {
    expect(mergePatch({ a: 1, b: { c: 1 } }, { a: null, b: { c: null } })).toEqual({
      a: null,
      b: { c: null },
    });
  });

  it('changes neither target nor patch', () => {
    const target = frozen({ a: { b: 1 }, c: [1] });
    expect(mergePatch(target, frozen({ a: { d: 2 }, c: [2] }))).toEqual({
      a: { b: 1, d: 2 },
      c: [2],
    });
  });

  it('case U34: keeps own members of any name, and none of them reaches a prototype', () => {
    const text =
      '{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}, "a": {"__proto__": {"x": 1}, "b": 1}}';
    const patch: unknown = JSON.parse(text);
    for (const target of [{}, { a: {} }, patch]) {
      const merged = mergePatch(target, patch) as Record<string, Record<string, unknown>>;
      expect(Object.keys(merged).sort()).toEqual(['__proto__', 'a', 'constructor']);
      expect(JSON.parse(JSON.stringify(merged))).toEqual(patch);
      expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      expect(Object.getPrototypeOf(merged.a)).toBe(Object.prototype);
      expect(JSON.stringify(mergePatch(merged, { c: 1 }))).toContain('"__proto__":{"x":1}');
    }
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('takes a number that is kept digit by digit for a number, not for an object', () => {
    const record = parseLossless('{"a": 9007199254740993, "b": [1.50]}');
    expect(stringifyLossless(mergePatch(record, { a: { c: 1 } }))).toBe('{"a":{"c":1},"b":[1.50]}');
    expect(stringifyLossless(mergePatch({ a: {} }, record))).toBe(
      '{"a":9007199254740993,"b":[1.50]}',
    );
  });

  it('keeps of the target whatever the patch does not name', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const merged = mergePatch(target, patch) as Record<string, unknown>;
        for (const name of Object.keys(target)) {
          expect(Object.hasOwn(merged, name)).toBe(true);
          if (!Object.hasOwn(patch, name)) expect(merged[name]).toEqual(target[name]);
        }
      }),
    );
  });

  it('applied twice changes nothing more, and then the patch holds', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(patchHolds(patch, once, EXACT)).toBe(true);
      }),
    );
  });
});

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

describe('patchHolds', () => {
  it.each([
    [{ city: 'A' }, { city: 'A', zip: '1' }, true],
    [{ city: 'A' }, { city: 'B' }, false],
    [{ city: 'A' }, {}, false],
    [{ city: 'A' }, null, false],
    [{}, { city: 'A' }, true],
    [{}, null, false],
    [{ city: undefined }, {}, true],
    [[1], [1, 2], false],
    [null, null, true],
    [null, undefined, false],
  ])('%j in %j: %s', (ours, theirs, holds) => {
    expect(patchHolds(ours, theirs, EXACT)).toBe(holds);
  });

  it('trap 9: null is a missing property only where that is declared', () => {
    expect(patchHolds({ city: null }, {}, EXACT)).toBe(false);
    expect(patchHolds({ city: null }, {}, NULLS)).toBe(true);
  });

  it('uses the type for every value inside', () => {
    const by = { type: { type: 'decimal' }, missingMeansNull: false } as const;
    expect(patchHolds({ lat: 1 }, { lat: '1.00', lon: '2' }, by)).toBe(true);
  });
});

describe('patchCollides', () => {
  it.each([
    // base, ours, theirs
    ['scalar untouched', 1, 2, 1, false],
    ['scalar as desired', 1, 2, 2, false],
    ['scalar changed by somebody', 1, 2, 3, true],
    [
      'another leaf changed',
      { city: 'A', zip: '1' },
      { city: 'B' },
      { city: 'A', zip: '2' },
      false,
    ],
    ['our leaf changed', { city: 'A', zip: '1' }, { city: 'B' }, { city: 'C', zip: '1' }, true],
    ['our leaf is already as desired', { city: 'A' }, { city: 'B' }, { city: 'B' }, false],
    ['our leaf is new', { zip: '1' }, { city: 'B' }, { zip: '2' }, false],
    ['our leaf appeared with another value', {}, { city: 'B' }, { city: 'C' }, true],
    ['our leaf vanished', { city: 'A' }, { city: 'B' }, {}, true],
    ['the object was set to null', { city: 'A' }, { city: 'B' }, null, true],
    ['null was replaced by an object', null, { city: 'B' }, { zip: '1' }, true],
    ['null stayed', null, { city: 'B' }, null, false],
    ['an array item changed', [1, 2], [1, 3], [4, 2], true],
    ['a deep leaf is new', { a: {} }, { a: { b: { c: 1 } } }, { a: {} }, false],
  ])('%s: %j, %j, %j → %s', (_name, base, ours, theirs, collides) => {
    expect(patchCollides(base, ours, theirs, EXACT)).toBe(collides);
  });

  it('trap 9: a property that turned null from missing moved, unless missing means null', () => {
    expect(patchCollides({}, { city: 'B' }, { city: null }, EXACT)).toBe(true);
    expect(patchCollides({}, { city: 'B' }, { city: null }, NULLS)).toBe(false);
  });
});
