import { expect, it } from 'vitest';
import { BULK_DEFAULTS } from '../../nodes/bulk-update/config';
import { ENDPOINT_DEFAULTS } from '../../nodes/record-endpoint/config';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import { closeDialogs } from './support/dialogs';
import type { Editor } from './support/editor';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const TAB = { id: 'bbbb000000000001', type: 'tab', label: 'Sync', disabled: false, info: '' };
const ENDPOINT = {
  id: 'bbbb000000000002',
  type: 'record-endpoint',
  ...ENDPOINT_DEFAULTS,
  server: 'practice',
  family: 'sap-cx',
};
const BULK = {
  id: 'bbbb000000000003',
  type: 'bulk-update',
  z: TAB.id,
  ...BULK_DEFAULTS,
  endpoint: ENDPOINT.id,
  collection: 'assignments',
  x: 240,
  y: 160,
  wires: [[], []],
};
const FLOWS = [TAB, ENDPOINT, BULK];

async function deployed(editor: Editor, id: string): Promise<Record<string, unknown> | undefined> {
  expect(await editor.deploy()).toBeUndefined();
  const flows = (await (await editor.request('/flows')).json()) as { id: string }[];
  return flows.find(node => node.id === id);
}

const shown = async (dialog: Dialog, name: string): Promise<boolean> =>
  dialog.field(name).evaluate(field => field.closest('[hidden]') === null);

withEditor('the dialog of bulk-update', { flows: FLOWS }, editor => {
  it('is filled with the keyboard, accessible, has its texts, fits in', async () => {
    const dialog = await editor().open(BULK.id);
    await editor().shoot('bulk-update-list', dialog.tray);
    expect(await unreachableByTab(dialog)).toEqual([]);
    await dialog.unfoldAll();
    await editor().shoot('bulk-update-all', dialog.tray);
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await namelessFields(dialog)).toEqual([]);
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await dialog.doneByKeyboard();
    await dialog.tray.waitFor({ state: 'detached' });
  });

  it('shows what its input needs, and gets a third output for the progress', async () => {
    const dialog = await editor().open(BULK.id);
    expect([await shown(dialog, 'keyMember'), await shown(dialog, 'collectCount')]).toEqual([
      true,
      false,
    ]);
    await dialog.select('input', 'messages');
    expect([await shown(dialog, 'keyMember'), await shown(dialog, 'collectCount')]).toEqual([
      false,
      true,
    ]);
    await dialog.fill('collectCount', '0');
    await dialog.field('progress').check();
    await dialog.done();
    expect(await editor().node(BULK.id)).toMatchObject({ valid: false, outputs: 3 });
    const again = await editor().open(BULK.id);
    await again.fill('collectCount', '200');
    await again.done();
    expect(await editor().node(BULK.id)).toMatchObject({ valid: true, outputs: 3 });
    expect(await deployed(editor(), BULK.id)).toMatchObject({
      input: 'messages',
      collectCount: '200',
      progress: true,
    });
  });

  it('has an endpoint that shows what many records need, and keeps it in one object', async () => {
    const open = async (): Promise<Dialog> => {
      const endpoint = await (await editor().open(BULK.id)).edit('endpoint');
      await endpoint.unfold('Many records');
      return endpoint;
    };
    const dialog = await open();
    expect([await shown(dialog, 'bulkKeyField'), await shown(dialog, 'bulkEndpoint')]).toEqual([
      false,
      true,
    ]);
    await dialog.select('bulkEndpoint', 'own');
    await editor().shoot('endpoint-many-records', dialog.tray);
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await dialog.fill('endpointPath', '/bulk');
    await dialog.field('endpointPath').blur();
    expect(await dialog.field('endpointPath').getAttribute('class')).toContain('input-error');
    await dialog.fill('endpointPath', 'many');
    await dialog.field('endpointPath').blur();
    expect(await dialog.field('endpointPath').getAttribute('class')).not.toContain('input-error');
    await dialog.fill('bulkMost', '25');
    await dialog.done();
    await editor().page.locator('#node-dialog-ok').click();
    await dialog.tray.waitFor({ state: 'detached' });
    expect(await deployed(editor(), ENDPOINT.id)).toMatchObject({
      bulk: {
        v: 1,
        list: 'family',
        endpoint: { path: 'many', below: 'collection', results: { shape: 'list' } },
      },
    });
    const again = await open();
    expect(await again.field('endpointPath').inputValue()).toBe('many');
    expect(await again.field('bulkMost').inputValue()).toBe('25');
    await closeDialogs(editor(), again);
  });
});
