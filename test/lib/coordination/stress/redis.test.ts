import { describe, expect, it } from 'vitest';
import { hasRedis } from '../../../support/redis/server';
import { planOf, runStress } from './run';

const plan = planOf('redis');

describe.skipIf(!hasRedis)('several processes on one Redis, under faults', () => {
  it(
    'overlap nowhere, lose nothing, repeat nothing, and go on by themselves',
    async () => {
      const { faults, counts } = await runStress(plan);
      console.log(`Redis, seed ${plan.seed}: ${JSON.stringify(counts)}`);
      expect(faults).toEqual([]);
    },
    300_000 + 2000 * plan.seconds,
  );
});
