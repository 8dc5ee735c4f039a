import { expect, it } from 'vitest';
import { closeDialogs, everyNode, openDialog, TYPES } from './support/dialogs';
import { overflowing } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const HEADINGS = {
  'en-US': ['Inputs', 'Outputs', 'Details', 'References'],
  de: ['Eingaben', 'Ausgaben', 'Details', 'Verweise'],
};

for (const [language, headings] of Object.entries(HEADINGS)) {
  withEditor(`help, language ${language}`, { language }, editor => {
    it.each(TYPES)('of %s is shown in the sidebar', async type => {
      const help = await editor().help(type);
      expect(await help.locator('h3').allInnerTexts()).toEqual(headings);
      expect(await help.innerText()).not.toMatch(/\{\{|__|undefined/);
      expect(await untranslated(help)).toEqual([]);
    });
  });
}

withEditor('dialogs in German', { flows: everyNode(), language: 'de' }, editor => {
  it.each(TYPES)('%s has all its texts and fits into a narrow tray', async type => {
    const dialog = await openDialog(editor(), type);
    await editor().shoot(`${type}-de`, dialog.tray);
    await dialog.unfoldAll();
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await closeDialogs(editor(), dialog);
  });
});
