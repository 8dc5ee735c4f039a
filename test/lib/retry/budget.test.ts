import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRetryBudget } from '../../../lib/retry/budget';

function taken(budget: ReturnType<typeof createRetryBudget>, times: number): number {
  return Array.from({ length: times }, () => budget.take()).filter(Boolean).length;
}

test('starts full and ends empty', () => {
  const budget = createRetryBudget({ capacity: 3, earned: 0.2 });
  expect(taken(budget, 5)).toBe(3);
});

test('earns one retry with as many answers as it takes', () => {
  const budget = createRetryBudget({ capacity: 2, earned: 0.25 });
  taken(budget, 2);
  for (let n = 0; n < 3; n++) budget.earn();
  expect(budget.take()).toBe(false);
  budget.earn();
  expect(taken(budget, 2)).toBe(1);
});

test('never holds more than it may', () => {
  const budget = createRetryBudget({ capacity: 2, earned: 1 });
  for (let n = 0; n < 10; n++) budget.earn();
  expect(taken(budget, 10)).toBe(2);
});

test('grants no more retries than it began with and earned', () => {
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.boolean()),
      (capacity, earned, steps) => {
        const budget = createRetryBudget({ capacity, earned });
        let granted = 0;
        let answers = 0;
        for (const isRetry of steps) {
          if (!isRetry) {
            budget.earn();
            answers++;
          } else if (budget.take()) granted++;
        }
        expect(granted).toBeLessThanOrEqual(capacity + answers * earned + 1e-9);
      },
    ),
  );
});
