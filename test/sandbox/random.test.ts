import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw, hashText } from '../../sandbox/random';

describe('seeded decisions', () => {
  it('stay in [0, 1) and repeat for the same arguments', () => {
    const numbers = fc.tuple(
      fc.string(),
      fc.integer(),
      fc.nat(),
      fc.integer({ min: -99, max: 99 }),
    );
    fc.assert(
      fc.property(numbers, ([text, seed, turn, stream]) => {
        const once = draw(hashText(text, seed), turn, stream);
        expect(once).toBeGreaterThanOrEqual(0);
        expect(once).toBeLessThan(1);
        expect(draw(hashText(text, seed), turn, stream)).toBe(once);
      }),
    );
  });

  it('spread evenly over records, turns and streams', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let record = 0; record < 200; record += 1) {
      const hash = hashText(`5a1e0000-2025-4000-8000-${String(record).padStart(12, '0')}`, 1);
      for (let turn = 0; turn < 50; turn += 1) {
        const tenth = Math.floor(draw(hash, turn, 0) * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
    }
    // 10,000 draws: 1,000 per tenth with a standard deviation of 30.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
