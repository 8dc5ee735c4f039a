import { describe, expect, test } from 'vitest';
import { BatchSize } from '../../../../lib/update/bulk/batch-size';

describe('the size of the next batch', () => {
  test.each([
    ['few conflicts', 50, 10, 60],
    ['some, as where background jobs are at work', 50, 18, 50],
    ['more than got through', 50, 26, 25],
    ['what was left of other batches, whatever it met', 3, 3, 50],
  ])('after %s', (_name, members, conflicts, next) => {
    const batches = new BatchSize(50, 100);
    batches.answered(members, conflicts);
    expect(batches.size).toBe(next);
  });

  test('never more than the API takes, never less than one', () => {
    const batches = new BatchSize(500, 100);
    expect(batches.size).toBe(100);
    batches.answered(100, 0);
    expect(batches.size).toBe(100);
    for (let n = 0; n < 20; n += 1) batches.halve();
    expect(batches.size).toBe(1);
  });

  test('grows again from one, once that goes well', () => {
    const batches = new BatchSize(1, 100);
    batches.answered(1, 1);
    expect(batches.size).toBe(1);
    batches.answered(1, 0);
    expect(batches.size).toBe(11);
  });
});
