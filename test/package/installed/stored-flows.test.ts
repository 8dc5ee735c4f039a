// Whoever has built flows with an earlier version may install this one.
import { expect, it } from 'vitest';
import { flowsOf } from '../../../scripts/lib/examples.mjs';
import { runExamples } from '../../../scripts/lib/run-examples.mjs';
import { fastClockEnv } from '../../support/fast-clock.mjs';
import { startWithPackage } from '../../support/node-red';
import { storedFlows, STORED_VERSIONS } from '../../support/stored-flows';

/** The machine events of a short shift do as well as those of a long one. */
const SHIFTS = [
  ['"shift-1"', '"shift-1-50"'],
  ['"shift-2"', '"shift-2-50"'],
] as const;

it.each(STORED_VERSIONS)('flows saved by %s run as they did', async version => {
  const flows = storedFlows(version);
  expect(flows.length).toBeGreaterThan(3);
  const text = SHIFTS.reduce(
    (json, [long, short]) => json.replaceAll(long, short),
    JSON.stringify(flowsOf(flows)),
  );
  const nodeRed = await startWithPackage({ flows: JSON.parse(text), env: fastClockEnv(2) });
  try {
    const results = await runExamples(nodeRed, flows);
    expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(results).toHaveLength(flows.length);
  } finally {
    await nodeRed.close();
  }
});
