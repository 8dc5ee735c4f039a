// Whoever has built flows with an earlier version may install this one.
import { expect, it } from 'vitest';
import { flowsOf, patient } from '../../../scripts/lib/examples.mjs';
import { runExamples } from '../../../scripts/lib/run-examples.mjs';
import { storedFlows, STORED_VERSIONS } from '../../../scripts/lib/stored-flows.mjs';
import { startWithPackage } from '../../support/node-red';

it.each(STORED_VERSIONS)('flows saved by %s run as they did', async version => {
  const flows = storedFlows(version);
  expect(flows.length).toBeGreaterThan(3);
  const nodeRed = await startWithPackage({ flows: flowsOf(patient(flows)) });
  try {
    const results = await runExamples(nodeRed, flows);
    expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(results).toHaveLength(flows.length);
  } finally {
    await nodeRed.close();
  }
});
