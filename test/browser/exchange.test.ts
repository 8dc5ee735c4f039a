import { expect, it } from 'vitest';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import { closeDialogs, openDialog, orderLoop } from './support/dialogs';
import type { Editor } from './support/editor';
import { overflowing, unreachableByTab } from './support/layout';
import { THEMES, withEditor } from './support/with-editor';

/** The endpoint's dialog with the exchange of the general family unfolded and its preview shown. */
async function unfolded(dialog: Dialog): Promise<void> {
  await dialog.select('server', 'url');
  await dialog.select('family', 'rest');
  await dialog.fill('baseUrl', 'https://netbox.example.com/api');
  await dialog.select('auth', 'bearer');
  await dialog.unfold('Exchange in detail');
  await dialog.form.locator('.record-updates-request').first().waitFor();
}

/** A table of the preview as lines: method and address, then the headers, then the body. */
async function request(dialog: Dialog, kind: 'read' | 'write'): Promise<string[]> {
  const table = dialog.form.locator('.record-updates-request').nth(kind === 'read' ? 0 : 1);
  return table.locator('tr').evaluateAll(rows =>
    rows.map(row => {
      const cells = [...row.querySelectorAll<HTMLElement>('th, td')];
      return cells
        .map(cell => cell.innerText)
        .join(' ')
        .trim();
    }),
  );
}

const example = (dialog: Dialog, name: string) =>
  dialog.form.locator(`#record-endpoint-preview-${name}`);

for (const theme of THEMES) {
  withEditor(
    `the described exchange, in the ${theme} theme`,
    { flows: orderLoop(), theme, viewport: { width: 1400, height: 1090 } },
    editor => {
      if (theme === 'light') whatIsSaid(editor);

      it('fits into 400 pixels, and is reached and named by keyboard and screen reader', async () => {
        const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
        await unfolded(dialog);
        await editor().shoot(`exchange-${theme}`, dialog.tray);
        expect(await overflowing(dialog)).toEqual([]);
        expect(await unreachableByTab(dialog)).toEqual([]);
        expect(await namelessFields(dialog)).toEqual([]);
        expect(await graveFaults(dialog)).toEqual([]);
        await closeDialogs(editor(), dialog);
      });
    },
  );
}

/** The same in every theme. */
function whatIsSaid(editor: () => Editor): void {
  it('shows the requests that it would send, as one types', async () => {
    const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
    await unfolded(dialog);
    await expect
      .poll(() => request(dialog, 'write'))
      .toEqual([
        'PATCH https://netbox.example.com/api/orders/A-1',
        'Accept application/json',
        'Content-Type application/json',
        'If-Match "v7"',
        '{"status":"Done"}',
      ]);
    await dialog.fill('addressTemplate', '{collection}/{key}/');
    await dialog.fill('contentType', 'application/merge-patch+json');
    await dialog.select('wireMethod', 'POST');
    await dialog.fill('methodHeader', 'x-method-override');
    await dialog.fill('writePath', 'data');
    await dialog.select('versionSpelling', 'bare');
    await example(dialog, 'collection').fill('dcim/devices');
    await example(dialog, 'key').fill('3 4');
    await example(dialog, 'changes').fill('{"name": "A"}');
    await expect
      .poll(() => request(dialog, 'write'))
      .toEqual([
        'POST https://netbox.example.com/api/dcim/devices/3%204/',
        'Accept application/json',
        'Content-Type application/merge-patch+json',
        'If-Match v7',
        'x-method-override PATCH',
        '{"data":{"name":"A"}}',
      ]);
    expect((await request(dialog, 'read'))[0]).toBe(
      'GET https://netbox.example.com/api/dcim/devices/3%204/',
    );
    await closeDialogs(editor(), dialog);
  });

  it('says in words at the field what cannot be', async () => {
    const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
    await unfolded(dialog);
    const fault = dialog.form.locator('#record-endpoint-preview [role="status"]');
    for (const [template, said] of [
      ['{collection}/', 'has no {key}'],
      ['{collection}/{id}', 'unknown placeholder'],
      ['../{collection}/{key}', 'leads away from the base URL'],
    ] as const) {
      await dialog.fill('addressTemplate', template);
      await dialog.field('addressTemplate').blur();
      await expect
        .poll(() => dialog.field('addressTemplate').getAttribute('title'))
        .toContain(said);
      await fault.getByText('Correct the marked fields').waitFor();
    }
    await dialog.fill('addressTemplate', '');
    await dialog.field('addressTemplate').blur();
    await fault.waitFor({ state: 'hidden' });
    await example(dialog, 'key').fill('..');
    await expect.poll(() => fault.innerText()).not.toBe('');
    await closeDialogs(editor(), dialog);
  });
}
