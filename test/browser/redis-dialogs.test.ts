import { expect, it } from 'vitest';
import { graveFaults, namelessFields } from './support/accessibility';
import { closeDialogs, everyNode, openDialog } from './support/dialogs';
import { overflowing } from './support/layout';
import { THEMES, withEditor } from './support/with-editor';

/** Nobody listens there: port 1 is nobody's. */
const NOBODY = '127.0.0.1:1';

for (const theme of THEMES) {
  withEditor(
    `dialogs of a store on Redis, in the ${theme} theme`,
    { flows: everyNode(), theme, viewport: { width: 1400, height: 1400 } },
    editor => {
      it.each(['one', 'sentinel', 'cluster'])('record-store with %s: to be read', async mode => {
        const dialog = await openDialog(editor(), 'record-store');
        await dialog.select('keep', 'redis');
        await dialog.select('mode', mode);
        await dialog.fill('server', NOBODY);
        if (mode === 'sentinel') await dialog.fill('master', 'mymaster');
        await dialog.select('outage', 'without');
        await dialog.form.locator('#record-store-test').click();
        await expect
          .poll(() => dialog.form.locator('#record-store-test-result').innerText())
          .toMatch(/cannot be reached.*Redis/is);
        await editor().expectFaults(expect.stringContaining('400 (Bad Request)'));
        await editor().shoot(`record-store-${mode}-${theme}`, dialog.tray);
        expect(await graveFaults(dialog)).toEqual([]);
        expect(await namelessFields(dialog)).toEqual([]);
        expect(await overflowing(dialog)).toEqual([]);
        await closeDialogs(editor(), dialog);
      });

      it('record-store with an address that cannot be: says so, to be read', async () => {
        const dialog = await openDialog(editor(), 'record-store');
        await dialog.select('keep', 'redis');
        await dialog.fill('server', 'redis://user:secret@host');
        await dialog.field('server').blur();
        await editor().shoot(`record-store-wrong-${theme}`, dialog.tray);
        expect(await graveFaults(dialog)).toEqual([]);
        await closeDialogs(editor(), dialog);
      });

      it('update-queue with all that it has: to be read', async () => {
        const dialog = await openDialog(editor(), 'update-queue');
        await dialog.unfoldAll();
        await editor().shoot(`update-queue-${theme}`, dialog.tray);
        expect(await graveFaults(dialog)).toEqual([]);
        expect(await overflowing(dialog)).toEqual([]);
        await closeDialogs(editor(), dialog);
      });
    },
  );
}
