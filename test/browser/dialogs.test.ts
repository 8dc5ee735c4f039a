import { expect, it } from 'vitest';
import { graveFaults, namelessFields } from './support/accessibility';
import { everyNode, isConfig, openDialog, TYPES } from './support/dialogs';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

withEditor('dialogs', { flows: everyNode() }, editor => {
  it('the palette offers conditional-update first', async () => {
    const offered = await editor()
      .page.locator('.red-ui-palette-node')
      .evaluateAll(nodes => nodes.map(node => node.dataset.paletteType ?? ''));
    const own = TYPES.filter(type => !isConfig(type));
    expect(own[0]).toBe('conditional-update');
    expect(offered.filter(type => own.includes(type))).toEqual(own);
  });

  it.each(TYPES)(
    '%s is filled with the keyboard, accessible, has its texts, fits in',
    async type => {
      const dialog = await openDialog(editor(), type);
      await editor().shoot(type, dialog.tray);
      expect(await unreachableByTab(dialog)).toEqual([]);
      await dialog.unfoldAll();
      expect(await graveFaults(dialog)).toEqual([]);
      expect(await namelessFields(dialog)).toEqual([]);
      expect(await untranslated(dialog.form)).toEqual([]);
      expect(await overflowing(dialog)).toEqual([]);
      await dialog.doneByKeyboard();
      if (isConfig(type)) await editor().page.keyboard.press('Control+Enter');
      await dialog.tray.waitFor({ state: 'detached' });
    },
  );
});
