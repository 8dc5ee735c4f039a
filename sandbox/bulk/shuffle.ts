import { draw } from '../random';

/** The items in another order, which depends on `hash` alone; two or more never stay as they were. */
export function shuffled<T>(items: readonly T[], hash: number): T[] {
  const weighed = items.map((item, n) => ({ item, n, weight: draw(hash, n, 0) }));
  weighed.sort((a, b) => a.weight - b.weight);
  const isSame = weighed.every(({ n }, place) => n === place);
  const mixed = weighed.map(({ item }) => item);
  return isSame ? mixed.reverse() : mixed;
}
