import type { Locator } from 'playwright-core';
import { expect, inject, it } from 'vitest';
import { injectsOf, loadExamples, type Example } from '../../scripts/lib/examples.mjs';
import { readManifest } from '../../scripts/lib/root.mjs';
import type { Editor } from './support/editor';
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

/** A machine that is not busy takes no tenth of it. */
const AGAIN_MS = 20_000;

function appears(locator: Locator): Promise<boolean> {
  return locator.waitFor({ timeout: AGAIN_MS }).then(
    () => true,
    () => false,
  );
}

async function pressButtons(example: Example, tab: string, editor: Editor): Promise<void> {
  for (const { name = '' } of injectsOf(example)) {
    await editor.press(await editor.named(name, tab));
  }
}

withEditor('Import > Examples', { viewport: { width: 1960, height: 1560 } }, editor => {
  it.each(loadExamples(inject('packageDir')))('brings $name, ready to deploy', async example => {
    const { page } = editor();
    const entries = [readManifest().name, ...example.name.split('/')];
    const tab = await importExample(page, entries);
    await expect.poll(() => editor().invalidNodes(tab)).toEqual([]);
    const groups = await page.evaluate(
      z => RED.nodes.groups(z).map(({ name, nodes }) => [name, nodes.length]),
      tab,
    );
    const saved = example.nodes.filter(({ type }) => type === 'group');
    expect(groups.sort()).toEqual(saved.map(({ name, nodes }) => [name, nodes.length]).sort());
    // Of all that was brought before, nothing is started again.
    await page.evaluate(() => {
      RED.actions.invoke('core:set-deploy-type-to-modified-flows');
    });
    expect(await editor().deploy()).toBeUndefined();

    await editor().show(tab);
    const ids = await Promise.all(answering(example).map(name => editor().named(name, tab)));
    const statuses = ids.map(id => editor().status(id));
    const answer = statuses.reduce((either, or) => either.or(or)).first();
    // On a busy machine an update may run out of time, which another debug node shows: it is pressed again.
    while (!(await appears(answer))) await pressButtons(example, tab, editor());
    await editor().shootFlow(example.name.replaceAll(/\W+/g, '-').toLowerCase());
  });
});
