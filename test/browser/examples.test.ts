import { expect, inject, it } from 'vitest';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { readManifest } from '../../scripts/lib/root.mjs';
import { importExample } from './support/import-example';
import { withEditor } from './support/with-editor';

withEditor('Import > Examples', { viewport: { width: 1960, height: 1560 } }, editor => {
  it.each(loadExamples(inject('packageDir')))('brings $name, ready to deploy', async example => {
    const { page } = editor();
    const entries = [readManifest().name, ...example.name.split('/')];
    const tab = await importExample(page, entries);
    expect(await editor().invalidNodes(tab)).toEqual([]);
    expect(await editor().deploy()).toBeUndefined();

    await editor().show(tab);
    const [debug = ''] = Object.keys(example.expectation?.debug ?? {});
    await editor()
      .status(await editor().named(debug, tab))
      .waitFor();
    await editor().shootFlow(example.name.replaceAll(/\W+/g, '-').toLowerCase());
  });
});
