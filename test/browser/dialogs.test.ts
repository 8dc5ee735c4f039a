import { describe, expect, it } from 'vitest';
import { graveFaults, namelessFields } from './support/accessibility';
import { closeDialogs, everyNode, isConfig, openDialog, TYPES } from './support/dialogs';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

withEditor('dialogs', { flows: everyNode() }, editor => {
  describe.each(TYPES)('%s', type => {
    it('can be filled and closed with the keyboard alone', async () => {
      const dialog = await openDialog(editor(), type);
      await editor().shoot(type, dialog.tray);
      expect(await unreachableByTab(dialog)).toEqual([]);
      await dialog.doneByKeyboard();
      if (isConfig(type)) await editor().page.keyboard.press('Control+Enter');
      await dialog.tray.waitFor({ state: 'detached' });
    });

    it('is accessible, has all its texts and fits into a narrow tray', async () => {
      const dialog = await openDialog(editor(), type);
      await dialog.unfoldAll();
      expect(await graveFaults(dialog)).toEqual([]);
      expect(await namelessFields(dialog)).toEqual([]);
      expect(await untranslated(dialog.form)).toEqual([]);
      expect(await overflowing(dialog)).toEqual([]);
      await closeDialogs(editor(), dialog);
    });
  });
});
