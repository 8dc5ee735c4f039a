import { expect, inject, it } from 'vitest';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { readManifest } from '../../scripts/lib/root.mjs';
import { importExample } from './support/import-example';
import type { RedApi } from './support/red-api';
import { withEditor } from './support/with-editor';

declare const RED: RedApi;

withEditor('Import > Examples', { viewport: { width: 1960, height: 1560 } }, editor => {
  it.each(loadExamples(inject('packageDir')))('brings $name, ready to deploy', async example => {
    const { page } = editor();
    const entries = [readManifest().name, ...example.name.split('/')];
    const tab = await importExample(page, entries);
    expect(await editor().invalidNodes(tab)).toEqual([]);
    const groups = await page.evaluate(
      z => RED.nodes.groups(z).map(({ name, nodes }) => [name, nodes.length]),
      tab,
    );
    const saved = example.nodes.filter(({ type }) => type === 'group');
    expect(groups.sort()).toEqual(saved.map(({ name, nodes }) => [name, nodes.length]).sort());
    expect(await editor().deploy()).toBeUndefined();

    await editor().show(tab);
    const [debug = ''] = Object.keys(example.expectation?.debug ?? {});
    await editor()
      .status(await editor().named(debug, tab))
      .waitFor();
    await editor().shootFlow(example.name.replaceAll(/\W+/g, '-').toLowerCase());
  });
});
