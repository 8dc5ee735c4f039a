import { expect, it } from 'vitest';
import { loadFlowsOfDocs } from '../../scripts/lib/examples.mjs';
import { inRoot } from '../../scripts/lib/root.mjs';
import { importFile } from './support/import-example';
import { withEditor } from './support/with-editor';

withEditor('Import, of the flows of docs/', {}, editor => {
  it.each(loadFlowsOfDocs())('brings $name, ready to deploy', async ({ name }) => {
    const tab = await importFile(editor().page, inRoot(`docs/flows/${name}.json`));
    await expect.poll(() => editor().invalidNodes(tab)).toEqual([]);
    expect(await editor().deploy()).toBeUndefined();
    await editor().show(tab);
    await editor().shootFlow(`docs-${name}`);
  });
});
