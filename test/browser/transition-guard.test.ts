import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { editorLoaded } from '../../scripts/lib/browser.mjs';
import { GUARD_DEFAULTS } from '../../nodes/transition-guard/config';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import type { Editor } from './support/editor';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const TAB = { id: 'dddd000000000001', type: 'tab', label: 'Guard', disabled: false, info: '' };
const GUARD = {
  id: 'dddd000000000002',
  type: 'transition-guard',
  z: TAB.id,
  ...GUARD_DEFAULTS,
  states: [
    { name: 'New', role: 'start', next: ['In Work'] },
    { name: 'In Work', next: ['Done', 'New'], required: ['startedBy'] },
    { name: 'Done', role: 'end', next: [] },
  ],
  x: 260,
  y: 160,
  wires: [[], []],
};
const FLOWS = [TAB, GUARD];
/** The script that draws. */
const PICTURE = 'machine-picture.js';

const rows = ({ form }: Dialog): Locator => form.locator('#node-input-states-list > li');
const row = (dialog: Dialog, index: number): Locator => rows(dialog).nth(index);
const nameOf = (line: Locator): Locator =>
  line.getByRole('combobox', { name: 'State', exact: true });
const nextOf = (line: Locator): Locator => line.getByRole('combobox', { name: 'Next states' });
const picture = ({ form }: Dialog): Locator => form.getByRole('group', { name: 'Picture' });
const findings = ({ form }: Dialog): Locator => form.locator('#transition-guard-findings');
const button = ({ form }: Dialog, name: string): Locator =>
  form.getByRole('button', { name, exact: true });

/** A state in the picture, by the words that a screen reader says of it. */
const state = (dialog: Dialog, words: string): Locator =>
  picture(dialog).getByRole('button', { name: words, exact: true });

async function opened(editor: Editor): Promise<Dialog> {
  const dialog = await editor.open(GUARD.id);
  await picture(dialog).waitFor();
  return dialog;
}

async function isFocused(part: Locator): Promise<boolean> {
  return part.evaluate(element => element === document.activeElement);
}

/** As by a list of names that answers late: what has the focus keeps it. */
async function typeElsewhere(field: Locator, text: string): Promise<void> {
  await field.evaluate((input: HTMLInputElement, typed) => {
    input.value = typed;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, text);
}

/** The pause after the last change is over, by the page's own clock. */
async function pictureIsDue({ page }: Editor): Promise<void> {
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 150)));
}

async function topOf(part: Locator): Promise<number> {
  return part.evaluate(element => element.getBoundingClientRect().top);
}

async function deployed(editor: Editor, id: string): Promise<object | undefined> {
  expect(await editor.deploy()).toBeUndefined();
  const answer = await editor.request('/flows');
  const flows = (await answer.json()) as { id: string }[];
  return flows.find(node => node.id === id);
}

/** How often the page has asked for the script of the picture. */
function askedForPicture({ page }: Editor): Promise<number> {
  return page.evaluate(
    script =>
      performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(script)).length,
    PICTURE,
  );
}

withEditor('the dialog of transition-guard', { flows: FLOWS }, editor => {
  it('works without its picture, and says so', async () => {
    const { page } = editor();
    await page.route(`**/${PICTURE}`, route => route.abort());
    const dialog = await editor().open(GUARD.id);
    await dialog.form.getByText('The picture could not be loaded').waitFor();
    await nextOf(row(dialog, 1)).fill('done');
    await findings(dialog).getByText('did you mean "Done"?').waitFor();
    await dialog.cancel();
    await editor().expectFaults(expect.stringContaining('ERR_FAILED'));
    await page.unroute(`**/${PICTURE}`);
    await page.reload();
    await editorLoaded(page);
  });

  it('loads its picture when it is opened, not before', async () => {
    expect(await askedForPicture(editor())).toBe(0);
    const dialog = await opened(editor());
    await expect.poll(() => askedForPicture(editor())).toBe(1);
    await dialog.cancel();
  });

  it('asks for states, takes those of a preset, and keeps them', async () => {
    const id = await editor().drag('transition-guard', { x: 240, y: 260 });
    expect(await editor().node(id)).toMatchObject({ valid: false, outputs: 2 });
    expect(await editor().complaint(id)).toContain('the table is empty. Press Use preset');

    const dialog = await editor().open(id);
    await findings(dialog).getByText('Press Use preset').waitFor();
    expect(await picture(dialog).count()).toBe(0);
    await button(dialog, 'Use preset').click();
    await picture(dialog).waitFor();
    // Beside the table: below it, nobody who types would see it change.
    await expect
      .poll(async () => (await topOf(rows(dialog).last())) - (await topOf(picture(dialog))))
      .toBeGreaterThan(0);
    await rows(dialog).first().scrollIntoViewIfNeeded();
    await editor().shoot('transition-guard-states', dialog.tray);
    expect(await rows(dialog).count()).toBe(7);
    expect(await findings(dialog).innerText()).toBe('');
    await dialog.done();

    expect(await editor().node(id)).toMatchObject({ valid: true });
    expect(await editor().outputLabel(id, 0)).toBe('allowed');
    expect(await editor().outputLabel(id, 1)).toBe('not allowed');
    const saved = await deployed(editor(), id);
    expect(saved).toHaveProperty('states.0', {
      name: 'Released',
      role: 'start',
      next: ['In Progress', 'Cancelled'],
    });
    expect(saved).toHaveProperty('states.3.required.length', 5);
  });

  it('shows the states as a picture, in words as well', async () => {
    const dialog = await opened(editor());
    expect(await picture(dialog).getByRole('img').getAttribute('aria-label')).toBe(
      'New: first; leads to In Work. In Work: leads to Done, New. Done: last.',
    );
    expect(await picture(dialog).getByRole('button').count()).toBe(3);
    await dialog.cancel();
  });

  it('draws anew while somebody types, and says what is wrong', async () => {
    const dialog = await opened(editor());
    await nextOf(row(dialog, 1)).fill('done');
    await state(dialog, 'done: not in the table.').click();
    await expect.poll(() => isFocused(nextOf(row(dialog, 1)))).toBe(true);
    await state(dialog, 'Done: unreachable; last.').waitFor();
    expect(await findings(dialog).innerText()).toContain('did you mean "Done"?');
    expect(await findings(dialog).innerText()).toContain('Unreachable: Done.');
    await nextOf(row(dialog, 1)).fill('');
    await state(dialog, 'In Work: dead end.').waitFor();
    expect(await findings(dialog).innerText()).toContain('Dead end: In Work.');
    await dialog.done();
    // Odd, but sound.
    expect(await editor().node(GUARD.id)).toMatchObject({ valid: true });
  });

  it('does not take a table with a next state that it does not hold', async () => {
    const dialog = await opened(editor());
    await nextOf(row(dialog, 1)).fill('Done, Closed');
    await dialog.done();
    expect(await editor().complaint(GUARD.id)).toContain(
      'States: row 2, "In Work": leads to "Closed", which is not in the table',
    );
    const again = await opened(editor());
    await nextOf(row(again, 1)).fill('Done, New');
    await again.done();
    expect(await editor().node(GUARD.id)).toMatchObject({ valid: true });
  });

  it('a state of the picture that is held down is pressed, whatever is typed meanwhile', async () => {
    const { mouse } = editor().page;
    const dialog = await opened(editor());
    await nextOf(row(dialog, 1)).fill('done');
    const unknown = state(dialog, 'done: not in the table.');
    await unknown.hover();
    // This takes the focus from the field, which tells of its change then.
    await mouse.down();
    await pictureIsDue(editor());
    await mouse.up();
    await expect.poll(() => isFocused(nextOf(row(dialog, 1)))).toBe(true);

    await unknown.hover();
    await mouse.down();
    await typeElsewhere(nextOf(row(dialog, 0)), 'Done');
    await pictureIsDue(editor());
    expect(await state(dialog, 'New: first; leads to In Work.').count()).toBe(1);
    await mouse.up();
    await state(dialog, 'New: first; leads to Done.').waitFor();
    expect(await isFocused(nextOf(row(dialog, 1)))).toBe(true);
    await dialog.cancel();
  });

  it('keeps the focus where it is when the picture is drawn anew', async () => {
    const dialog = await opened(editor());
    await state(dialog, 'In Work: leads to Done, New.').focus();
    await typeElsewhere(nextOf(row(dialog, 1)), 'Done');
    await state(dialog, 'In Work: leads to Done.').waitFor();
    expect(await isFocused(state(dialog, 'In Work: leads to Done.'))).toBe(true);
    await typeElsewhere(nameOf(row(dialog, 1)), 'Running');
    await state(dialog, 'Running: leads to Done.').waitFor();
    expect(await isFocused(picture(dialog).getByRole('button').first())).toBe(true);
    await dialog.cancel();
  });

  it('takes the new name of a state over into the other rows, whatever is in it', async () => {
    const dialog = await opened(editor());
    await nameOf(row(dialog, 1)).fill('Running');
    await state(dialog, 'New: first; leads to Running.').waitFor();
    await nameOf(row(dialog, 1)).press('Tab');
    expect(await nextOf(row(dialog, 0)).inputValue()).toBe('Running');
    const odd = '<img src=x onerror="throw 1">, "halt" \\';
    await nameOf(row(dialog, 1)).fill(odd);
    await nameOf(row(dialog, 1)).press('Tab');
    expect(await nextOf(row(dialog, 0)).inputValue()).toBe(
      '"<img src=x onerror=\\"throw 1\\">, \\"halt\\" \\\\"',
    );
    await picture(dialog).getByRole('button', { name: odd }).waitFor();
    expect(await findings(dialog).innerText()).toBe('');
    expect(await dialog.form.locator('img').count()).toBe(0);
    await dialog.cancel();
    const again = await opened(editor());
    expect(await nameOf(row(again, 1)).inputValue()).toBe('In Work');
    await again.cancel();
  });

  it('is handled with the keyboard alone', async () => {
    const { keyboard } = editor().page;
    const dialog = await opened(editor());
    expect(await unreachableByTab(dialog)).toEqual([]);

    await state(dialog, 'In Work: leads to Done, New.').focus();
    await keyboard.press('Enter');
    await expect.poll(() => isFocused(nameOf(row(dialog, 1)))).toBe(true);

    await dialog.form.locator('.red-ui-editableList-addButton').first().focus();
    await keyboard.press('Enter');
    await expect.poll(() => isFocused(nameOf(row(dialog, 3)))).toBe(true);
    await keyboard.type('Parked');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('New');
    await state(dialog, 'Parked: unreachable; leads to New.').waitFor();

    await row(dialog, 3).getByRole('button', { name: 'Delete' }).focus();
    await keyboard.press('Enter');
    await row(dialog, 3).waitFor({ state: 'detached' });
    await state(dialog, 'Parked: unreachable; leads to New.').waitFor({ state: 'detached' });
    await dialog.doneByKeyboard();
  });

  it('exports the states as JSON and imports others, with numbers too', async () => {
    const dialog = await opened(editor());
    const text = dialog.form.getByRole('textbox', { name: 'States as JSON' });
    await button(dialog, 'Export JSON').click();
    expect(JSON.parse(await text.inputValue())).toEqual({ states: GUARD.states });
    await button(dialog, 'Close').click();
    await text.waitFor({ state: 'hidden' });

    await button(dialog, 'Import JSON').click();
    await text.fill('{"states": ');
    await button(dialog, 'Use these states').click();
    await dialog.form.getByRole('alert').getByText('This is no JSON').waitFor();
    await text.fill('{"states": [{"name": 1, "next": [3]}]}');
    await button(dialog, 'Use these states').click();
    await dialog.form.getByRole('alert').getByText('JSON: row 1, 1: leads to 3').waitFor();
    expect(await rows(dialog).count()).toBe(3);

    await text.fill(
      '{"states": [{"name": 1, "role": "start", "next": [2]}, {"name": 2, "role": "end", "next": []}]}',
    );
    await button(dialog, 'Use these states').click();
    await state(dialog, '1: first; leads to 2.').waitFor();
    expect(await dialog.field('stateType').inputValue()).toBe('number');
    await dialog.cancel();
  });

  it('asks for the fields that the rule for the terminal needs, and can do without event times', async () => {
    const dialog = await opened(editor());
    await dialog.unfold('Operator terminal');
    await dialog.select('openRule', 'other');
    expect(await dialog.field('openOurs').isVisible()).toBe(true);
    expect(await dialog.field('openMinutes').isVisible()).toBe(false);
    await dialog.done();
    expect(await editor().complaint(GUARD.id)).toContain('Opened by field is empty');
    expect(await editor().complaint(GUARD.id)).toContain('Our name is empty');

    const again = await opened(editor());
    await again.select('openRule', 'newer');
    await again.fill('openMinutes', 'soon');
    await again.done();
    const words = await editor().complaint(GUARD.id);
    expect(words).toContain('Opened at field is empty');
    expect(words).toContain('Minutes must be a number from 0.1 to 10080');
    expect(words).not.toContain('Our name');

    const last = await opened(editor());
    await last.select('openRule', 'off');
    await last.unfold('Event and fields');
    await last.fillTyped('eventTime', 'msg', '');
    await last.done();
    expect(await editor().node(GUARD.id)).toMatchObject({ valid: true });
  });

  it('is accessible, has all its texts and fits into a narrow tray, whatever is in the table', async () => {
    const dialog = await opened(editor());
    await dialog.form.locator('#transition-guard-preset').selectOption('sales-orders');
    await button(dialog, 'Use preset').click();
    await state(dialog, 'New: first; leads to Processing, Cancelled.').waitFor();
    await nextOf(row(dialog, 2)).fill('Gone');
    await state(dialog, 'Gone: not in the table.').waitFor();
    await dialog.unfoldAll();
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await namelessFields(dialog)).toEqual([]);
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await dialog.cancel();
  });
});
