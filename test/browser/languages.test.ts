import type { Locator } from 'playwright-core';
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

  // Sentences that the runtime, the validators and the engine say, in the words of the dialog's language.

  it('a test of the connection is answered', async () => {
    const dialog = await openDialog(editor(), 'record-endpoint');
    const part = (name: string): Locator => dialog.form.locator(`#record-endpoint-test-${name}`);
    await dialog.unfold('Verbindung testen');
    await part('collection').fill('work-orders');
    const key = part('key + .red-ui-typedInput-container .red-ui-typedInput-input');
    await key.fill('WO-0');
    await part('read').click();
    const missing = await part('read-result.record-updates-failed').innerText();
    expect(missing).toContain('Der Datensatz ließ sich nicht lesen (not-found).');
    expect(missing).toMatch(/Diesen Datensatz gibt es dort nicht \(HTTP 404.*\)\. Bitte/);

    await key.fill('../WO-12345');
    await part('read').click();
    await part('read-result').getByText('Der Schlüssel passt nicht').waitFor();
    // The browser itself reports every answer of this kind.
    await editor().expectFaults(expect.stringContaining('400 (Bad Request)'));

    await key.fill('WO-12345');
    await part('read').click();
    const found = await part('read-result.record-updates-passed').innerText();
    expect(found).toMatch(/Der Datensatz wurde gelesen \(HTTP 200\): \d+ Felder\./);
    expect(found).toMatch(/Ein Schreibvorgang sendet zurück: if-match: "v\d+"/i);
    await closeDialogs(editor(), dialog);
  });

  it('the check of the states of transition-guard is answered', async () => {
    const dialog = await openDialog(editor(), 'transition-guard');
    const next = dialog.form.getByRole('combobox', { name: 'Folgezustände' });
    await next.first().fill('in progres');
    const findings = dialog.form.locator('#transition-guard-findings');
    await findings.getByText('War "In Progress" gemeint?').waitFor();
    expect(await findings.innerText()).toMatch(
      /^Zustände: Zeile 1, "Released": führt zu "in progres"; das steht nicht in der Tabelle\./,
    );
    await closeDialogs(editor(), dialog);
  });
});

async function checkHelp(editor: Editor, type: string, headings: string[]): Promise<void> {
  const help = await editor.help(type);
  await expect.poll(() => help.locator('h3').allInnerTexts()).toEqual(headings);
  expect(await help.innerText()).not.toMatch(/\{\{|__|undefined/);
  expect(await untranslated(help)).toEqual([]);
}
