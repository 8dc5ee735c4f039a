import { expect, inject, it } from 'vitest';
import { loadExamples, type Example } from '../../scripts/lib/examples.mjs';
import { readManifest } from '../../scripts/lib/root.mjs';
import { importExample } from './support/import-example';
import type { RedApi } from './support/red-api';
import { withEditor } from './support/with-editor';

declare const RED: RedApi;

/**
 * The debug nodes one of which gets a message soon: the ones of which the example says so, for what it needs may be
 * missing here; otherwise the first.
 */
function answering({ expectation }: Example): string[] {
  const { oneOf, debug = {} } = expectation ?? {};
  if (oneOf) return [...new Set(oneOf.map(entry => entry.slice(0, entry.lastIndexOf(':'))))];
  return Object.keys(debug).slice(0, 1);
}

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
    const ids = await Promise.all(answering(example).map(name => editor().named(name, tab)));
    const statuses = ids.map(id => editor().status(id));
    await statuses
      .reduce((either, or) => either.or(or))
      .first()
      .waitFor();
    await editor().shootFlow(example.name.replaceAll(/\W+/g, '-').toLowerCase());
  });
});
