import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import { everyNode } from './support/dialogs';
import type { Editor } from './support/editor';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const TAB = { id: 'bbbb000000000001', type: 'tab', label: 'Rework', disabled: false, info: '' };
const ENDPOINT = everyNode().find(node => node.type === 'record-endpoint');
/** As an earlier version saved it: without `fields` and `guard`. */
const UPDATE = {
  id: 'bbbb000000000003',
  type: 'conditional-update',
  z: TAB.id,
  name: 'rework',
  endpoint: ENDPOINT?.id,
  collection: 'work-orders',
  collectionType: 'str',
  key: 'key',
  keyType: 'msg',
  changes: 'payload',
  changesType: 'msg',
  method: 'PATCH',
  mode: 'resolve',
  guards: '',
  rule: 'report',
  decision: '',
  force: false,
  serialize: true,
  lockWait: 30,
  fieldTypes: [],
  record: 'record',
  result: 'update',
  lock: 'lock',
  x: 260,
  y: 160,
  wires: [[], []],
};
const FLOWS = [TAB, ENDPOINT, UPDATE].filter(node => node !== undefined);

interface Row {
  readonly field: string;
  readonly type: string;
  readonly value?: string;
  readonly optional?: boolean;
}

const ROWS: readonly Row[] = [
  { field: 'status', type: 'str', value: 'Rework' },
  { field: 'reworkReasonCode', type: 'msg', value: 'event.defect.reasonCode' },
  { field: 'originalOperationId', type: 'msg', value: 'record.values.operationId', optional: true },
];

const rows = ({ form }: Dialog): Locator => form.locator('#node-input-fields-list > li');
const nameOf = (row: Locator): Locator => row.getByRole('combobox', { name: 'field' });
const valueOf = (row: Locator): Locator => row.getByRole('textbox', { name: 'Value' });
const addButton = ({ form }: Dialog): Locator =>
  form
    .locator('.record-updates-wide', { has: form.page().locator('#node-input-fields-list') })
    .locator('.red-ui-editableList-addButton');

async function chooseType(dialog: Dialog, widget: Locator, type: string): Promise<void> {
  await widget.locator('.red-ui-typedInput-type-select').click();
  await dialog.page.locator(`.red-ui-typedInput-options:visible a[value="${type}"]`).click();
}

async function addRow(dialog: Dialog, { field, type, value, optional }: Row): Promise<void> {
  await addButton(dialog).click();
  const row = rows(dialog).last();
  await nameOf(row).fill(field);
  if (type !== 'msg') await chooseType(dialog, row, type);
  if (value !== undefined) await valueOf(row).fill(value);
  await row.getByRole('checkbox', { name: 'may be missing' }).setChecked(optional === true);
}

async function openTable(editor: Editor): Promise<Dialog> {
  const dialog = await editor.open(UPDATE.id);
  if ((await dialog.field('changesType').inputValue()) !== 'fields') {
    await chooseType(dialog, dialog.typed('changes'), 'fields');
  }
  await addButton(dialog).waitFor();
  return dialog;
}

async function deployed(editor: Editor): Promise<object | undefined> {
  expect(await editor.deploy()).toBeUndefined();
  const answer = await editor.request('/flows');
  const flows = (await answer.json()) as { id: string }[];
  return flows.find(node => node.id === UPDATE.id);
}

withEditor('the table that builds the changes', { flows: FLOWS }, editor => {
  it('shows only when it is chosen, and a node of an earlier version can do without', async () => {
    expect(await editor().node(UPDATE.id)).toMatchObject({ valid: true });
    const dialog = await editor().open(UPDATE.id);
    await dialog.unfold('Message properties');
    expect(await dialog.field('guard').inputValue()).toBe('guard');
    expect(await addButton(dialog).isVisible()).toBe(false);
    await chooseType(dialog, dialog.typed('changes'), 'fields');
    expect(await addButton(dialog).isVisible()).toBe(true);
    await chooseType(dialog, dialog.typed('changes'), 'msg');
    expect(await addButton(dialog).isVisible()).toBe(false);
    expect(await dialog.field('changes').inputValue()).toBe('payload');
    await dialog.done();
    expect(await editor().node(UPDATE.id)).toMatchObject({ valid: true });
  });

  it('asks for a field at least', async () => {
    const dialog = await openTable(editor());
    await dialog.done();
    expect(await editor().complaint(UPDATE.id)).toContain('Changes has no fields');
  });

  it('is filled in, saved and shown again', async () => {
    const dialog = await openTable(editor());
    for (const row of ROWS) await addRow(dialog, row);
    await editor().shoot('changes-table', dialog.tray);
    await dialog.done();
    expect(await editor().node(UPDATE.id)).toMatchObject({ valid: true });
    expect(await deployed(editor())).toMatchObject({
      changesType: 'fields',
      fields: ROWS.map(({ field, type, value, optional }) => ({
        field,
        value,
        valueType: type,
        optional: optional === true,
      })),
      guard: 'guard',
    });

    const again = await openTable(editor());
    expect(await rows(again).count()).toBe(ROWS.length);
    expect(await nameOf(rows(again).nth(1)).inputValue()).toBe('reworkReasonCode');
    expect(await valueOf(rows(again).nth(1)).inputValue()).toBe('event.defect.reasonCode');
    expect(await rows(again).nth(2).getByRole('checkbox').isChecked()).toBe(true);
    await again.cancel();
  });

  it('says which field stands in it twice, and marks both rows', async () => {
    const dialog = await openTable(editor());
    await addRow(dialog, { field: 'status', type: 'num', value: '4' });
    await nameOf(rows(dialog).last()).blur();
    expect(await dialog.form.locator('.record-updates-field-name.input-error').count()).toBe(2);
    await dialog.done();
    expect(await editor().complaint(UPDATE.id)).toContain('names the field status twice');
  });

  it.each<[string, Row, string]>([
    ['no name', { field: '', type: 'msg', value: 'event' }, 'row 4 has no field name'],
    ['broken JSON', { field: 'defect', type: 'json', value: '{' }, 'Value of defect: '],
  ])('says that a row has %s', async (_name, row, words) => {
    const dialog = await openTable(editor());
    await rows(dialog).last().getByRole('button', { name: 'Delete' }).click();
    await rows(dialog).nth(ROWS.length).waitFor({ state: 'detached' });
    await addRow(dialog, row);
    await dialog.done();
    expect(await editor().complaint(UPDATE.id)).toContain(words);
  });

  it('takes an empty text, and leaves out rows that were never filled in', async () => {
    const dialog = await openTable(editor());
    await rows(dialog).last().getByRole('button', { name: 'Delete' }).click();
    await rows(dialog).nth(ROWS.length).waitFor({ state: 'detached' });
    await addRow(dialog, { field: 'reworkInstructions', type: 'str', value: '' });
    await addRow(dialog, { field: '', type: 'msg' });
    await dialog.done();
    expect(await editor().node(UPDATE.id)).toMatchObject({ valid: true });
    expect(await deployed(editor())).toHaveProperty('fields.length', ROWS.length + 1);
  });

  it('can be filled in with the keyboard alone, is accessible and fits into a narrow tray', async () => {
    const { keyboard } = editor().page;
    const dialog = await openTable(editor());
    expect(await unreachableByTab(dialog)).toEqual([]);
    await addButton(dialog).focus();
    await keyboard.press('Enter');
    const row = rows(dialog).last();
    await nameOf(row).focus();
    await keyboard.type('defectType');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('event.defect.type');
    expect(await valueOf(row).inputValue()).toBe('event.defect.type');
    await row.getByRole('button', { name: 'Delete' }).focus();
    await keyboard.press('Enter');
    await rows(dialog)
      .nth(ROWS.length + 1)
      .waitFor({ state: 'detached' });
    await dialog.unfoldAll();
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await namelessFields(dialog)).toEqual([]);
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await dialog.doneByKeyboard();
  });
});
