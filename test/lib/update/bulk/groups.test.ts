import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupItems } from '../../../../lib/update/bulk/groups';

const URL = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { nil: undefined });

describe('items of the same record', () => {
  it('are together in their order, every item once, and groups in the order of their first items', () => {
    fc.assert(
      fc.property(fc.array(URL), urls => {
        const groups = groupItems(urls);
        const all = Array.from({ length: groups.count }, (_, group) => groups.itemsOf(group));
        expect(all.flat().sort((a, b) => a - b)).toEqual([...urls.keys()]);
        const firsts = all.map(([first]) => first);
        expect(firsts).toEqual([...firsts].sort((a = 0, b = 0) => a - b));
        for (const items of all) {
          expect(items).toEqual([...items].sort((a, b) => a - b));
          expect(new Set(items.map(item => urls[item])).size).toBe(1);
        }
        const used = all.map(([first = -1]) => urls[first]).filter(url => url !== undefined);
        expect(new Set(used).size).toBe(used.length);
      }),
    );
  });

  it('come in the order of their addresses where turns are taken', () => {
    const urls = ['c', undefined, 'a', 'c', 'b'];
    const groups = groupItems(urls);
    const order = [...groups.byAddress()].map(group => groups.itemsOf(group));
    expect(order).toEqual([[1], [2], [4], [0, 3]]);
  });
});
