import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../lib/record/fields';
import { mergePatch } from '../../../lib/record/merge';
import { mergedChanges } from '../../../lib/record/merged-changes';

const LEAF = fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.array(fc.integer()));
const NAME = fc.constantFrom('a', 'b', '__proto__', 'constructor');

/** Objects and plain values anywhere. */
const { patch: ANY } = fc.letrec<{ patch: Fields; value: unknown }>(tie => ({
  patch: fc.dictionary(NAME, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, LEAF, tie('patch')),
}));

/** An API's records have a shape: what is an object in one is one in all. */
const SHAPED = fc.record(
  {
    status: LEAF,
    count: LEAF,
    address: fc.record(
      { city: LEAF, geo: fc.record({ x: LEAF, y: LEAF }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const oneAfterTheOther = (target: unknown, patches: readonly Fields[]): unknown =>
  patches.reduce<unknown>((record, patch) => mergePatch(record, patch), target);

describe('changes of one record, merged,', () => {
  it('do what they do one after the other', () => {
    fc.assert(
      fc.property(SHAPED, fc.array(SHAPED, { minLength: 1, maxLength: 5 }), (target, patches) => {
        expect(mergePatch(target, mergedChanges(patches))).toEqual(
          oneAfterTheOther(target, patches),
        );
      }),
    );
  });

  it('do so whatever they hold, or are refused', () => {
    let refused = 0;
    fc.assert(
      fc.property(ANY, fc.array(ANY, { minLength: 1, maxLength: 4 }), (target, patches) => {
        const merged = tried(() => mergedChanges(patches));
        if (merged === undefined) refused++;
        else expect(mergePatch(target, merged)).toEqual(oneAfterTheOther(target, patches));
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeLessThan(600);
  });

  it('keep null, and the later value', () => {
    expect(mergedChanges([{ a: 1, b: 2 }, { a: null }, { b: 3 }])).toEqual({ a: null, b: 3 });
  });

  it('are refused where a plain value is to get parts', () => {
    expect(() =>
      mergedChanges([{ address: { geo: null } }, { address: { geo: { x: 1 } } }]),
    ).toThrow(
      expect.objectContaining({
        code: 'CHANGES_UNMERGEABLE',
        message: expect.stringContaining('address.geo') as string,
      }),
    );
  });

  it('share nothing with what they were made of', () => {
    const first = { list: [{ a: 1 }], deep: { x: { y: 1 } } };
    const merged = mergedChanges([first, { other: 1 }]) as typeof first;
    merged.deep.x.y = 2;
    if (merged.list[0] !== undefined) merged.list[0].a = 2;
    expect(first).toEqual({ list: [{ a: 1 }], deep: { x: { y: 1 } } });
  });
});

function tried(merge: () => Fields): Fields | undefined {
  try {
    return merge();
  } catch (error) {
    expect(error).toMatchObject({ code: 'CHANGES_UNMERGEABLE' });
    return undefined;
  }
}
