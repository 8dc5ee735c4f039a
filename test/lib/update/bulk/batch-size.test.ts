import { expect, test } from 'vitest';
import { BatchSize } from '../../../../lib/update/bulk/batch-size';

function sizeAfter(start: number, most: number, events: (size: BatchSize) => void): number {
  const size = new BatchSize(start, most);
  events(size);
  return size.size;
}

test.each([
  ['few conflicts: more', 50, 5, 60],
  ['some: as before', 50, 20, 50],
  ['many: half as many', 50, 30, 25],
  ['many in a small rest of a batch say nothing', 10, 10, 50],
  ['none in a small rest of a batch say nothing', 10, 0, 50],
])('%s', (_name, members, conflicts, size) => {
  expect(
    sizeAfter(50, 1_000, one => {
      one.answered(members, conflicts);
    }),
  ).toBe(size);
});

test('it is at least one, and at most what the API takes', () => {
  expect(sizeAfter(0, 100, () => undefined)).toBe(1);
  expect(sizeAfter(500, 100, () => undefined)).toBe(100);
  const grown = sizeAfter(95, 100, one => {
    one.answered(95, 0);
  });
  expect(grown).toBe(100);
  const halved = sizeAfter(4, 100, one => {
    for (let n = 0; n < 5; n++) one.halve();
  });
  expect(halved).toBe(1);
});

test('what was too many never goes again', () => {
  const size = new BatchSize(80, 1_000);
  size.isTooMany(80);
  expect(size.size).toBe(40);
  for (let n = 0; n < 20; n++) size.answered(size.size, 0);
  expect(size.size).toBe(40);
});
