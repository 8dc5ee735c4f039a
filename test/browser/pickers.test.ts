import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { WORK_ORDERS } from '../../lib/lifecycle/presets';
import { orderId, startSandbox, workOrderId } from '../../sandbox/index';
import { csdlV2, csdlV4 } from '../../sandbox/described/csdl';
import { SAP_ORDERS } from '../../sandbox/described/sets';
import { bulkNode, endpoint, fetchNode, guardNode, TAB, updateNode } from '../support/flow-nodes';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import type { Editor } from './support/editor';
import { overflowing } from './support/layout';
import { Picker } from './support/picker';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const sandbox = await startSandbox({ describedSets: 150 });
const bad = await startBadServer();
afterAll(async () => {
  await sandbox.close();
  bad.close();
});

/** Descriptions that are none, each below a path of its own. */
async function startBadServer() {
  const whole = csdlV4('Some.Orders', [SAP_ORDERS]);
  const texts: Readonly<Record<string, string>> = {
    '/cut': whole.slice(0, -60),
    '/page': '<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>',
    '/other': csdlV2('Some.Orders', [SAP_ORDERS]),
    '/broken': '<edmx:Edmx><b></edmx:Edmx>',
    '/good': whole,
  };
  const asked: string[] = [];
  let isDown = false;
  let held = Promise.resolve();
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const { url = '' } = request;
    asked.push(url);
    const text = texts[url.replace(/\/\$metadata.*$/, '')];
    void held.then(() => {
      if (isDown) response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
      else if (text === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    asked,
    setDown: (down: boolean) => {
      isDown = down;
    },
    /** Answers to nothing until the returned function is called. */
    hold: () => {
      let release = (): void => undefined;
      held = new Promise(resolve => (release = resolve));
      return release;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const DATAVERSE = `${sandbox.url}/api/data/v9.0`;
const at = (family: 'odata' | 'dataverse' | 'apriso', baseUrl: string, id: string) =>
  endpoint({ server: 'url', family, baseUrl }, id);
/** One node per endpoint, side by side. */
const update = (id: string, of: string, y: number, config = {}) => ({
  ...updateNode(id, [[], []], { name: id, endpoint: of, collection: 'orders', ...config }),
  x: 560,
  y,
});

const FLOWS = [
  { id: TAB, type: 'tab', label: 'Pick', disabled: false, info: '' },
  at('dataverse', DATAVERSE, 'crm'),
  at('apriso', `${sandbox.url}/api`, 'mes'),
  ...['cut', 'page', 'other', 'broken', 'good'].map(path =>
    at('odata', `${bad.url}/${path}`, path),
  ),
  update('of-crm', 'crm', 60),
  update('of-mes', 'mes', 120, { collection: 'work-orders' }),
  ...['cut', 'page', 'other', 'broken', 'good'].map((path, index) =>
    update(`of-${path}`, path, 180 + 60 * index),
  ),
  { ...bulkNode('bulk', [[], []], { endpoint: 'crm' }), x: 200, y: 60 },
  {
    ...fetchNode('fetch', [[], []], { endpoint: 'crm', fieldsType: 'str' }),
    x: 160,
    y: 120,
  },
  { ...guardNode('guard', [['of-lots'], []], { states: [...WORK_ORDERS.states] }), x: 340, y: 120 },
  update('of-lots', 'crm', 480, { collection: 'Invoice0000Set' }),
];

const records = (dialog: Dialog): Picker =>
  new Picker(dialog, dialog.typed('collection').locator('input.red-ui-typedInput-input'));
const fieldOf = (dialog: Dialog, name: string): Picker => new Picker(dialog, dialog.field(name));

async function stored(editor: Editor, id: string): Promise<Record<string, unknown> | undefined> {
  expect(await editor.deploy()).toBeUndefined();
  const answer = await editor.request('/flows');
  const flows = (await answer.json()) as { id: string }[];
  return flows.find(node => node.id === id);
}

withEditor('lists of names in the dialogs', { flows: FLOWS }, editor => {
  it('offer the record sets of the API, with their versions, and take any other text', async () => {
    const dialog = await editor().open('of-crm');
    const picker = records(dialog);
    expect(await picker.field.getAttribute('role')).toBe('combobox');
    await picker.field.fill('');
    await picker.open();
    // On a busy machine, since a second ago.
    expect(await picker.said()).toMatch(/^151 names\. Read (now|\d+ seconds? ago)\./);
    expect(await picker.popup.innerText()).toContain('51 more: type to narrow');
    await picker.field.fill('sales');
    expect(await picker.names()).toEqual(['salesorders']);
    expect(await picker.option('salesorders').innerText()).toContain('versions announced');
    await picker.field.fill('Shipment0001');
    expect(await picker.option('Shipment0001Set').innerText()).toContain('versions switched off');
    await picker.field.fill('somethings');
    expect(await picker.said()).toContain('Nothing fits');
    await picker.close();
    expect(await picker.field.inputValue()).toBe('somethings');
    await dialog.done();
    expect(await editor().node('of-crm')).toMatchObject({ valid: true });
  });

  it('keep the types of the chosen set in the node, and tell them', async () => {
    const dialog = await editor().open('of-crm');
    const picker = records(dialog);
    await picker.field.fill('');
    await picker.open();
    await picker.field.fill('salesord');
    await picker.chooseByKeys('salesorders');
    await dialog.form.getByText('Key: salesorderid · versions announced').waitFor();
    await dialog.unfold('Comparing');
    await dialog.form.getByText(/freightamount \(decimal\)/).waitFor();
    await dialog.done();
    const node = await stored(editor(), 'of-crm');
    expect(node?.apiTypes).toMatchObject({
      collection: 'salesorders',
      types: { totalamount: 'decimal', versionnumber: 'integer', modifiedon: 'date-time' },
    });

    const again = await editor().open('of-crm');
    await again.unfold('Comparing');
    await again.form.getByText(/freightamount \(decimal\)/).waitFor();
    await again.form.getByRole('button', { name: 'Forget' }).click();
    await again.done();
    expect((await stored(editor(), 'of-crm'))?.apiTypes).toEqual({});
  });

  it('offer the fields of the set wherever one is named', async () => {
    const dialog = await editor().open('bulk');
    await dialog.unfold('Comparing');
    const guards = fieldOf(dialog, 'guards');
    await guards.open();
    expect(await guards.names()).toContain('orderstatus');
    await guards.field.fill('orderst');
    await guards.choose(/^orderstatus/);
    await guards.field.pressSequentially(', tax');
    await guards.choose(/^taxstatus/);
    expect(await guards.field.inputValue()).toBe('orderstatus, taxstatus');

    const keys = fieldOf(dialog, 'keyMember');
    await keys.field.fill('');
    await keys.open();
    expect(await keys.names()).toEqual(['salesorderid']);
    await keys.close();

    await dialog.form
      .locator('.record-updates-wide', { has: dialog.field('fieldTypes-list') })
      .locator('.red-ui-editableList-addButton')
      .click();
    const row = dialog.form.locator('.record-updates-type-row');
    const name = new Picker(dialog, row.getByRole('combobox', { name: 'field' }));
    await name.open();
    await name.choose(/^totalamount/);
    expect(await row.locator('select').inputValue()).toBe('decimal');
    await dialog.cancel();
  });

  it('offer fields in the list of fields to read, and only where it is a list', async () => {
    const dialog = await editor().open('fetch');
    const fields = new Picker(
      dialog,
      dialog.typed('fields').locator('input.red-ui-typedInput-input'),
    );
    await dialog.typed('fields').locator('.red-ui-typedInput-option-expand').click();
    await fields.said();
    await fields.choose(/^orderstatus/);
    expect(await dialog.field('fields').inputValue()).toBe('orderstatus');
    await dialog.fillTyped('fields', 'json', '["a"]');
    await expect.poll(() => fields.field.getAttribute('role')).toBe(null);
    await dialog.cancel();
  });

  it('find the records of a guard along its wires, and the states of its field', async () => {
    const dialog = await editor().open('guard');
    const field = fieldOf(dialog, 'field');
    await field.field.fill('');
    await field.open();
    await field.field.fill('statusc');
    await field.choose(/^statuscode/);
    const states = dialog.form.locator('#node-input-states-list > li');
    await dialog.form
      .locator('.record-updates-states-table .red-ui-editableList-addButton', { hasText: 'state' })
      .first()
      .click();
    const name = new Picker(
      dialog,
      states.last().getByRole('combobox', { name: 'State', exact: true }),
    );
    await name.open();
    expect(await name.names()).toEqual(['1', '2', '690970001']);
    await name.choose(/^690970001/);
    expect(await name.field.inputValue()).toBe('690970001');
    expect(await dialog.field('stateType').inputValue()).toBe('number');
    await dialog.cancel();
  });

  it.each([
    ['cut', 'end in the middle'],
    ['page', 'web page in place of its metadata'],
    ['other', 'another version of OData'],
    ['broken', 'no metadata that can be read'],
  ])('say in words at the field what is wrong with metadata that are %s', async (path, words) => {
    const dialog = await editor().open(`of-${path}`);
    const picker = records(dialog);
    await picker.open();
    expect(await picker.said()).toContain(words);
    expect(await picker.names()).toEqual([]);
    await picker.field.fill('Orders');
    await dialog.done();
    expect(await editor().node(`of-${path}`)).toMatchObject({ valid: true });
  });

  it('show what was read before when the API is away, and say why it is not newer', async () => {
    const dialog = await editor().open('of-good');
    const picker = records(dialog);
    bad.asked.length = 0;
    await picker.field.fill('A');
    expect(bad.asked).toEqual([]);
    await picker.open();
    expect(await picker.names()).toEqual(['A_SalesOrder']);
    bad.setDown(true);
    const answer = bad.hold();
    const said = picker.refresh();
    await picker.popup.getByText('The API is being asked').waitFor();
    answer();
    expect(await said).toMatch(/did not describe its records \(HTTP 403\).* 1 name\./s);
    bad.setDown(false);
    expect(await picker.names()).toEqual(['A_SalesOrder']);
    await picker.choose(/^A_SalesOrder/);
    expect(bad.asked).toEqual(['/good/$metadata', '/good/$metadata']);
    await dialog.cancel();
  });

  it('take the fields of one record where the API lists none', async () => {
    const dialog = await editor().open('of-mes');
    await dialog.unfold('Comparing');
    const guards = fieldOf(dialog, 'guards');
    await guards.open();
    expect(await guards.said()).toContain('does not list its fields');
    await guards.option('Read the fields of one record').click();
    const key = guards.popup.getByRole('textbox', { name: 'Key of one record' });
    await key.fill(workOrderId(1));
    await dialog.page.keyboard.press('Enter');
    await guards
      .option(/^status/)
      .first()
      .waitFor();
    expect(await guards.popup.innerText()).not.toContain(orderId(1));
    await guards.close();

    const sets = records(dialog);
    await sets.field.fill('');
    await sets.open();
    expect(await sets.said()).toContain('used in your flows');
    expect(await sets.names()).toEqual(['work-orders']);
    await dialog.cancel();
  });

  it('are accessible, and fit into a narrow window', async () => {
    const { page } = editor();
    const dialog = await editor().open('of-crm');
    await dialog.unfoldAll();
    expect(await namelessFields(dialog)).toEqual([]);
    const picker = records(dialog);
    await picker.field.fill('');
    await picker.open();
    expect(await picker.field.getAttribute('aria-expanded')).toBe('true');
    expect(await picker.faults()).toEqual([]);
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await untranslated(picker.popup)).toEqual([]);
    await editor().shoot('picker', page.locator('body'));
    await picker.close();
    expect(await overflowing(dialog)).toEqual([]);
    await page.setViewportSize({ width: 400, height: 700 });
    await picker.open();
    await expect.poll(() => picker.offPage()).toBeUndefined();
    await editor().shoot('picker-narrow', page.locator('body'));
    // A dialog that is laid out anew may take its field off the page.
    for (const y of [-300, 1000]) {
      await picker.field.evaluate((field, top) => {
        field.style.cssText = `position: fixed; top: ${String(top)}px`;
        window.dispatchEvent(new Event('resize'));
      }, y);
      expect(await picker.offPage()).toBeUndefined();
    }
    await picker.close();
    await dialog.cancel();
  });
});
