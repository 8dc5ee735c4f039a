import { readdirSync } from 'node:fs';
import { loadExamples, type Example, type Expectation } from '../../scripts/lib/examples.mjs';
import { inRoot, readJson } from '../../scripts/lib/root.mjs';

const FOLDER = 'test/stored-flows';

/** The versions of this package that flows are kept of, as they were saved then. */
export const STORED_VERSIONS = readdirSync(inRoot(FOLDER));

/** The flows of a version, and what they have shown since then. */
export function storedFlows(version: string): readonly Example[] {
  const folder = inRoot(FOLDER, version);
  const expected = readJson(`${folder}/expected.json`) as Record<string, Expectation>;
  return loadExamples(folder).map(flow => ({ ...flow, expectation: expected[flow.name] }));
}
