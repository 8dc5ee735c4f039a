import { expect, it } from 'vitest';
import { flowsOf } from '../../scripts/lib/examples.mjs';
import { storedFlows, STORED_VERSIONS } from '../support/stored-flows';
import type { RedApi } from './support/red-api';
import { withEditor } from './support/with-editor';

declare const RED: RedApi;

for (const version of STORED_VERSIONS) {
  const saved = storedFlows(version);
  const flows = flowsOf(saved).map(node =>
    node.type === 'inject' ? { ...node, once: false } : node,
  );
  withEditor(`flows saved by ${version}`, { flows }, editor => {
    it('are valid, and nothing in them is changed by being shown', async () => {
      for (const { tab } of saved) expect(await editor().invalidNodes(tab)).toEqual([]);
      expect(await editor().page.evaluate(() => RED.nodes.dirty())).toBe(false);
    });
  });
}
