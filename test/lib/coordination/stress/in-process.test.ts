import { expect, it } from 'vitest';
import { planOf, runStress } from './run';

const plan = planOf('file');

it(
  'several processes on one store file, one of which has it at a time, under faults: overlap nowhere, lose nothing, repeat nothing, and go on by themselves',
  async () => {
    const { faults, counts } = await runStress(plan);
    console.log(`a file, seed ${plan.seed}: ${JSON.stringify(counts)}`);
    expect(faults).toEqual([]);
  },
  300_000 + 2000 * plan.seconds,
);
