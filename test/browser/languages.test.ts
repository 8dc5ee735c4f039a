import { expect, it } from 'vitest';
import { closeDialogs, everyNode, openDialog, TYPES } from './support/dialogs';
import type { Editor } from './support/editor';
import { overflowing } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

/** Dialogs in English: see dialogs.test.ts. */
withEditor('in English', {}, editor => {
  it.each(TYPES)('the help of %s is shown in the sidebar', async type => {
    await checkHelp(editor(), type, ['Inputs', 'Outputs', 'Details', 'References']);
  });
});

withEditor('in German', { flows: everyNode(), language: 'de' }, editor => {
  it.each(TYPES)('the help of %s is shown in the sidebar', async type => {
    await checkHelp(editor(), type, ['Eingaben', 'Ausgaben', 'Details', 'Verweise']);
  });

  it.each(TYPES)('the dialog of %s has all its texts and fits into a narrow tray', async type => {
    const dialog = await openDialog(editor(), type);
    await editor().shoot(`${type}-de`, dialog.tray);
    await dialog.unfoldAll();
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await closeDialogs(editor(), dialog);
  });
});

async function checkHelp(editor: Editor, type: string, headings: string[]): Promise<void> {
  const help = await editor.help(type);
  expect(await help.locator('h3').allInnerTexts()).toEqual(headings);
  expect(await help.innerText()).not.toMatch(/\{\{|__|undefined/);
  expect(await untranslated(help)).toEqual([]);
}
