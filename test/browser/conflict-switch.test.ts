import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Dialog } from './support/dialog';
import { everyNode, openDialog } from './support/dialogs';
import { withEditor } from './support/with-editor';

const nodes = everyNode();
const [loop] = nodes.filter(node => node.type === 'conflict-switch');
const id = loop?.id ?? '';
const retryGoesTo = String(loop?.wires[1][0]);

const row = ({ form }: Dialog, index: number): Locator =>
  form.locator('#node-input-rows-list > li').nth(index);

withEditor('rows of conflict-switch', { flows: nodes }, editor => {
  it('become outputs with labels', async () => {
    const dialog = await openDialog(editor(), 'conflict-switch');
    expect(await dialog.form.locator('.record-updates-row').count()).toBe(4);
    await dialog.form.locator('.red-ui-editableList-addButton').click();
    const added = row(dialog, 4);
    // It is numbered once it stands in the list.
    await added.getByText('→ 5').waitFor();
    await added.getByLabel('busy', { exact: true }).check();
    await added.getByLabel('denied', { exact: true }).check();
    await dialog.done();

    // The new row stands below "otherwise", where nothing ever arrives.
    expect(await editor().complaint(id)).toContain('Move the row "otherwise" to the end');
    expect(await editor().node(id)).toMatchObject({ outputs: 5 });
    const outputs = editor().picture(id).locator('.red-ui-flow-port-output');
    await expect.poll(() => outputs.count()).toBe(5);
    expect(await editor().outputLabel(id, 4)).toBe('denied, busy');
  });

  it('take their wires along when a row above goes away', async () => {
    expect(await editor().wires(id)).toContainEqual({ output: 1, to: retryGoesTo });
    const dialog = await openDialog(editor(), 'conflict-switch');
    await row(dialog, 0).getByRole('button', { name: 'Delete' }).click();
    await row(dialog, 4).waitFor({ state: 'detached' });
    await dialog.done();

    expect(await editor().node(id)).toMatchObject({ outputs: 4 });
    expect(await editor().outputLabel(id, 0)).toBe('retry');
    expect(await editor().wires(id)).toContainEqual({ output: 0, to: retryGoesTo });
  });
});
