import { expect, it } from 'vitest';
import type { Fields, Saved } from '../../nodes/shared/fields';
import { complete } from '../../nodes/shared/saved';
import { flowsOf } from '../../scripts/lib/examples.mjs';
import { storedFlows, STORED_VERSIONS } from '../../scripts/lib/stored-flows.mjs';
import { FIELD_TABLES } from '../support/field-tables';
import { isConfig, openDialog, opened } from './support/dialogs';
import type { Editor } from './support/editor';
import type { RedApi } from './support/red-api';
import { withEditor } from './support/with-editor';

declare const RED: RedApi;

/** Of every type the oldest stored node is opened: the earliest version knew least. */
const unopened = new Set(Object.keys(FIELD_TABLES));

for (const version of STORED_VERSIONS) {
  const saved = storedFlows(version);
  const flows = flowsOf(saved).map(node =>
    node.type === 'inject' ? { ...node, once: false } : node,
  );
  const oldest = flows.map(({ type }) => type).filter(type => unopened.delete(type));

  withEditor(`flows saved by ${version}`, { flows }, editor => {
    it('are valid, and nothing in them is changed by being shown', async () => {
      for (const { tab } of saved) expect(await editor().invalidNodes(tab)).toEqual([]);
      expect(await editor().page.evaluate(() => RED.nodes.dirty())).toBe(false);
    });

    it.each(oldest)('the dialog of %s shows what the runtime makes of it', async type => {
      const { [type]: fields = {} } = FIELD_TABLES;
      const id = opened(type, flows);
      const before = await settings(editor(), id, fields);
      const dialog = await openDialog(editor(), type, flows);
      await dialog.done();
      if (isConfig(type)) await editor().page.locator('#node-dialog-cancel').click();
      await dialog.tray.waitFor({ state: 'detached' });
      expect(await settings(editor(), id, fields)).toEqual(before);
    });
  });
}

/** What the runtime makes of a node; a form gives text for numbers. */
async function settings(editor: Editor, id: string, fields: Fields): Promise<Saved> {
  const names = Object.keys(fields);
  const node = await editor.page.evaluate(
    ([wanted, properties]) => {
      const found = RED.nodes.node(wanted) as unknown as Record<string, unknown>;
      return Object.fromEntries(properties.map(name => [name, found[name]]));
    },
    [id, names] as const,
  );
  const asText = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? String(value) : value;
  return JSON.parse(JSON.stringify(complete(fields, node), asText)) as Saved;
}
