import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldType } from '../../../lib/record/canonical';
import type { Fields } from '../../../lib/record/fields';
import { mergePatch } from '../../../lib/record/merge';
import {
  differing,
  mergeColliding,
  reconcile,
  type ReconcileInput,
  type Target,
} from '../../../lib/record/reconcile';

function targets(changes: Fields): Target[] {
  return Object.entries(changes).map(([name, ours]) => ({ name, readName: name, ours }));
}

function input(
  base: Fields,
  changes: Fields,
  theirs: Fields,
  more: Partial<ReconcileInput> = {},
): ReconcileInput {
  return {
    targets: targets(changes),
    guards: [],
    base,
    theirs,
    typeOf: () => undefined,
    missingMeansNull: false,
    lost: [],
    ...more,
  };
}

describe('reconcile', () => {
  it('applied: every target is as desired', () => {
    expect(reconcile(input({ s: 1, q: 1 }, { s: 2 }, { s: 2, q: 9 }))).toEqual({ kind: 'applied' });
  });

  it('applied needs neither the baseline nor the guards', () => {
    expect(reconcile(input({}, { s: 2 }, { s: 2 }, { guards: ['g'] }))).toEqual({
      kind: 'applied',
    });
  });

  it('noise: no target and no guard moved', () => {
    const found = reconcile(
      input({ s: 1, g: 5, n: 1 }, { s: 2 }, { s: 1, g: 5, n: 2 }, { guards: ['g'] }),
    );
    expect(found).toEqual({ kind: 'noise' });
  });

  it('noise: one target is as desired, the other as before', () => {
    expect(reconcile(input({ s: 1, q: 1 }, { s: 2, q: 2 }, { s: 2, q: 1 }))).toEqual({
      kind: 'noise',
    });
  });

  it('conflict: a target is neither as before nor as desired', () => {
    expect(reconcile(input({ s: 1, q: 1 }, { s: 2, q: 2 }, { s: 3, q: 1 }))).toEqual({
      kind: 'conflict',
      fields: [{ name: 's', base: 1, ours: 2, theirs: 3 }],
      guards: [],
    });
  });

  it('conflict: a guard moved although no target did', () => {
    const found = reconcile(input({ s: 1, g: 5 }, { s: 2 }, { s: 1, g: 6 }, { guards: ['g'] }));
    expect(found).toEqual({
      kind: 'conflict',
      fields: [],
      guards: [{ name: 'g', base: 5, ours: 5, theirs: 6 }],
    });
  });

  it('reads a target under its read name and reports it under its own', () => {
    const bound: Target = { name: 'owner@odata.bind', readName: '_owner_value', ours: '/u(1)' };
    const seen = (theirs: string): Fields => ({ _owner_value: theirs });
    const more = { targets: [bound] };
    expect(reconcile(input(seen('a'), {}, seen('a'), more))).toEqual({ kind: 'noise' });
    expect(reconcile(input(seen('a'), {}, seen('b'), more))).toEqual({
      kind: 'conflict',
      fields: [{ name: 'owner@odata.bind', base: 'a', ours: '/u(1)', theirs: 'b' }],
      guards: [],
    });
  });

  it('compares targets and guards by their declared types', () => {
    const types: Record<string, FieldType> = { p: { type: 'decimal' }, d: { type: 'date' } };
    const more = { guards: ['d'], typeOf: (name: string): FieldType | undefined => types[name] };
    const base = { p: '1.00', d: '2025-02-08' };
    const theirs = { p: 1, d: '2025-02-08T00:00:00Z' };
    expect(reconcile(input(base, { p: 2 }, theirs, more))).toEqual({ kind: 'noise' });
    expect(reconcile(input(base, { p: '1.0' }, theirs, more))).toEqual({ kind: 'applied' });
    expect(reconcile(input(base, { p: 2 }, theirs, { guards: ['d'] })).kind).toBe('conflict');
  });

  it('compares objects leaf by leaf, at the leaves the changes touch', () => {
    const base = { address: { city: 'A', zip: '1' } };
    const changes = { address: { city: 'B' } };
    const byOperator = (address: Fields): string =>
      reconcile(input(base, changes, { address })).kind;
    expect(byOperator({ city: 'A', zip: '2' })).toBe('noise');
    expect(byOperator({ city: 'B', zip: '2' })).toBe('applied');
    expect(byOperator({ city: 'C', zip: '1' })).toBe('conflict');
  });

  it.each([
    ['in the read', { s: 1 }, {}],
    ['in the baseline', {}, { s: 1 }],
    ['undefined in the read', { s: 1 }, { s: undefined }],
  ])('trap 9: a target missing %s is unknown, never unchanged', (_where, base, theirs) => {
    const found = reconcile(input({ ...base, q: 1 }, { s: 2, q: 2 }, { ...theirs, q: 9 }));
    expect(found).toMatchObject({ kind: 'unknown', fields: [{ name: 's', ours: 2 }] });
    expect(found).toHaveProperty('fields.length', 1);
  });

  it('trap 9: desired null is not shown by a missing field', () => {
    expect(reconcile(input({ s: 1 }, { s: null }, {})).kind).toBe('unknown');
    expect(differing(targets({ s: null }), {}, () => undefined, false)).toEqual(['s']);
  });

  it.each([
    ['in the read', { g: 5 }, {}],
    ['in the baseline', {}, { g: 5 }],
    ['on both sides', {}, {}],
  ])('trap 9: a guard missing %s is unknown', (_where, base, theirs) => {
    const found = reconcile(
      input({ s: 1, ...base }, { s: 2 }, { s: 1, ...theirs }, { guards: ['g'] }),
    );
    expect(found).toMatchObject({ kind: 'unknown', fields: [{ name: 'g' }] });
  });

  it('trap 9: missing is null only where the API says so', () => {
    const more = { missingMeansNull: true, guards: ['g'] };
    expect(reconcile(input({ g: null }, { s: 2 }, { s: null }, more))).toEqual({ kind: 'noise' });
    expect(reconcile(input({ s: 1 }, { s: null }, {}, more))).toEqual({ kind: 'applied' });
    expect(reconcile(input({ s: 1 }, { s: 2 }, {}, more))).toMatchObject({
      kind: 'conflict',
      fields: [{ name: 's', base: 1, ours: 2, theirs: null }],
    });
  });

  it('does not find fields on a prototype', () => {
    expect(reconcile(input({}, { constructor: 1 }, {})).kind).toBe('unknown');
  });

  it('a target missing in the baseline does not matter once it is as desired', () => {
    expect(reconcile(input({ q: 1 }, { s: 2, q: 2 }, { s: 2, q: 1 }))).toEqual({ kind: 'noise' });
  });
});

describe('reconcile, whatever the values', () => {
  const value = fc.constantFrom<unknown>(1, 2, 3, 'a', null, [1], { x: 1 }, { x: 2, y: 1 });
  const record = fc.record({ a: value, b: value, g: value });
  const changes = fc.record({ a: value, b: value }, { requiredKeys: ['a'] });
  const guards = ['g'];

  it('our own write is applied, whatever else changed', () => {
    fc.assert(
      fc.property(record, changes, record, (base, ours, others) => {
        const theirs = mergePatch({ ...base, g: others.g }, ours) as Fields;
        expect(reconcile(input(base, ours, theirs, { guards })).kind).toBe('applied');
      }),
    );
  });

  it('a record that did not change is applied or noise', () => {
    fc.assert(
      fc.property(record, changes, (base, ours) => {
        const { kind } = reconcile(input(base, ours, base, { guards }));
        expect(kind).toBe(
          differing(targets(ours), base, () => undefined, false).length === 0 ? 'applied' : 'noise',
        );
      }),
    );
  });

  it('noise never overwrites: a rebased write keeps every change somebody else made', () => {
    fc.assert(
      fc.property(record, changes, record, (base, ours, theirs) => {
        if (reconcile(input(base, ours, theirs, { guards })).kind !== 'noise') return;
        const after = mergePatch(theirs, ours) as Record<string, unknown>;
        expect(after.g).toEqual(base.g);
        // Three-way merge by hand: what is neither ours nor the baseline's must survive.
        for (const name of ['a', 'b'] as const) expectKept(base[name], theirs[name], after[name]);
      }),
    );
  });
});

/** Every leaf somebody changed still holds the new value, unless both sides agree. */
function expectKept(base: unknown, theirs: unknown, after: unknown): void {
  if (isObject(base) && isObject(theirs) && isObject(after)) {
    for (const name of Object.keys(theirs)) expectKept(base[name], theirs[name], after[name]);
  } else if (JSON.stringify(base) !== JSON.stringify(theirs)) {
    expect(after).toEqual(theirs);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('differing', () => {
  it('names the targets that are not yet as desired', () => {
    const changes = targets({ a: 1, b: 2, c: { x: 1 }, d: 4 });
    const theirs = { a: 1, b: 3, c: { x: 1, y: 2 } };
    expect(differing(changes, theirs, () => undefined, false)).toEqual(['b', 'd']);
  });
});

describe('mergeColliding', () => {
  it.each([
    ['a scalar that collides', 1, 2, 3, { ours: undefined, kept: true }],
    ['a scalar that does not', 1, 2, 1, { ours: 2, kept: false }],
    ['an array that collides', [1], [2], [3], { ours: undefined, kept: true }],
    [
      'an object of which one leaf collides',
      { city: 'A', zip: '1' },
      { city: 'B', zip: '2' },
      { city: 'C', zip: '1' },
      { ours: { zip: '2' }, kept: true },
    ],
    [
      'an object whose touched leaves all collide',
      { city: 'A' },
      { city: 'B' },
      { city: 'C' },
      { ours: undefined, kept: true },
    ],
    [
      'a nested object',
      { a: { x: 1, y: 1 }, b: 1 },
      { a: { x: 2, y: 2 }, b: 2 },
      { a: { x: 3, y: 1 }, b: 1 },
      { ours: { a: { y: 2 }, b: 2 }, kept: true },
    ],
    ['an object set to null', { x: 1 }, { x: 2 }, null, { ours: undefined, kept: true }],
    ['null wanted, changed meanwhile', 1, null, 2, { ours: undefined, kept: true }],
    ['null wanted, unchanged', 1, null, 1, { ours: null, kept: false }],
  ])('%s', (_name, base, ours, theirs, merged) => {
    expect(mergeColliding(base, ours, theirs)).toEqual(merged);
  });

  it('compares by type', () => {
    const type: FieldType = { type: 'decimal' };
    expect(mergeColliding({ p: '1.0' }, { p: 2 }, { p: 1 }, type)).toEqual({
      ours: { p: 2 },
      kept: false,
    });
  });

  it('what is left collides with nothing', () => {
    const leaf = fc.constantFrom(1, 2, 3);
    const value = fc.oneof(leaf, fc.record({ x: leaf, y: leaf }, { requiredKeys: [] }));
    fc.assert(
      fc.property(value, value, value, (base, ours, theirs) => {
        const left = mergeColliding(base, ours, theirs);
        if (left.ours === undefined) return;
        expect(mergeColliding(base, left.ours, theirs)).toEqual({ ours: left.ours, kept: false });
      }),
    );
  });
});
