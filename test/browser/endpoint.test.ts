import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import { closeDialogs, orderLoop, openDialog } from './support/dialogs';
import { overflowing, unreachableByTab } from './support/layout';
import { withEditor } from './support/with-editor';

const ORDER = '5a1e0000-2025-4000-8000-000000000145';
const UNKNOWN_ORDER = '5a1e0000-2025-4000-8000-999999999999';
const SECRET = 'typed-by-hand-4711';

const part = ({ page }: Dialog, name: string): Locator =>
  page.locator(`#record-endpoint-test-${name}`);

/** What a button brought: each has its answer below itself. */
const verdict = (
  { form }: Dialog,
  kind: 'passed' | 'failed',
  button: 'read' | 'prove' = 'read',
): Locator => form.locator(`#record-endpoint-test-${button}-result.record-updates-${kind}`);

async function fillTest(dialog: Dialog, key: string): Promise<void> {
  await dialog.unfold('Test connection');
  await part(dialog, 'collection').fill('salesorders');
  await part(dialog, 'key + .red-ui-typedInput-container .red-ui-typedInput-input').fill(key);
}

withEditor(
  'the dialog of an endpoint',
  { flows: orderLoop(), viewport: { width: 1400, height: 1090 } },
  editor => {
    it.each([768, 900])(
      'case U9: answers a test below its button, in view at %i pixels',
      async height => {
        await editor().page.setViewportSize({ width: 1366, height });
        const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
        await fillTest(dialog, ORDER);
        await part(dialog, 'field').fill('description');
        await part(dialog, 'read').click();
        await verdict(dialog, 'passed').waitFor();
        await expect.poll(() => placeBelow(dialog, 'read')).toEqual({ inView: 1, below: true });

        await part(dialog, 'prove').click();
        await expect.poll(() => inView(part(dialog, 'confirm'))).toBe(1);
        await part(dialog, 'write').click();
        await verdict(dialog, 'passed', 'prove').waitFor();
        await expect.poll(() => placeBelow(dialog, 'prove')).toEqual({ inView: 1, below: true });
        expect(await part(dialog, 'read-result').innerText()).toBe('');
        await closeDialogs(editor(), dialog);
      },
    );

    it('says in words what a test of the connection found', async () => {
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      await fillTest(dialog, ORDER);
      await part(dialog, 'read').click();
      const words = await verdict(dialog, 'passed').innerText();
      expect(words).toMatch(/The record was read \(HTTP 200\): \d+ fields/);
      expect(words).toMatch(/Version evidence: W\/"\d+"/);
      expect(words).toMatch(/A write sends back: If-Match: W\/"\d+"/i);
      await editor().shoot('endpoint', dialog.tray);
      await closeDialogs(editor(), dialog);
    });

    it('says what stood in the way of a test', async () => {
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      await fillTest(dialog, '');
      await part(dialog, 'read').click();
      expect(await verdict(dialog, 'failed').innerText()).toContain('Enter the key of a record');
      await part(dialog, 'key + .red-ui-typedInput-container .red-ui-typedInput-input').fill(
        UNKNOWN_ORDER,
      );
      await part(dialog, 'read').click();
      await verdict(dialog, 'failed').getByText('could not be read (not-found)').waitFor();
      await closeDialogs(editor(), dialog);
    });

    it('warns before it proves the protection by a write', async () => {
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      await fillTest(dialog, ORDER);
      await part(dialog, 'field').fill('description');
      await part(dialog, 'prove').click();
      expect(await part(dialog, 'warning').innerText()).toContain('up to three writes');
      await part(dialog, 'cancel').click();
      await part(dialog, 'confirm').waitFor({ state: 'hidden' });
      expect(await part(dialog, 'prove-result').innerText()).toBe('');

      await part(dialog, 'prove').click();
      await part(dialog, 'write').click();
      await verdict(dialog, 'passed', 'prove').getByText('Protected: the API refused').waitFor();
      const table = part(dialog, 'prove-result').getByRole('table');
      expect(await table.getByRole('row', { name: /PATCH.*in your flows.*checked/ }).count()).toBe(
        1,
      );
      expect(await table.getByRole('row', { name: /a batch.*checked/ }).count()).toBe(1);
      await closeDialogs(editor(), dialog);
    });

    it('fills in the numbers of a preset, says so, and lets them be changed', async () => {
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      const choice = dialog.page.locator('#record-endpoint-preset');
      await choice.selectOption('sap-cx');
      const said = dialog.page.locator('#record-endpoint-preset-result[aria-live]');
      await said.filter({ hasText: 'Filled in' }).waitFor();
      const value = (name: string): Promise<string> => dialog.field(name).inputValue();
      expect(await value('family')).toBe('sap-cx');
      expect(await value('waits')).toBe('2, 4, 8, 16, 32');
      expect(await value('parallel')).toBe('5');
      expect(await dialog.field('firstAtOnce').isChecked()).toBe(false);
      const example = dialog.field('baseUrl').getAttribute('placeholder');
      expect(await example).toContain('territory-api');
      await dialog.unfold('Retries');
      await dialog.fill('waits', '3, 6');

      await choice.selectOption('odata');
      await dialog.field('waits').waitFor({ state: 'hidden' });
      expect(await value('schedule')).toBe('exponential');
      expect(await dialog.field('waits').isVisible()).toBe(false);

      await dialog.select('family', 'couchdb');
      expect(await choice.inputValue()).toBe('');
      expect(await said.innerText()).toBe('');
      await dialog.form.getByText('choose Method PUT').waitFor();
      await closeDialogs(editor(), dialog);
    });

    it('fills in a recipe, says what goes where, and leaves nothing of it to the next preset', async () => {
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      const choice = dialog.page.getByLabel('Preset', { exact: true });
      const groups = choice.locator('optgroup');
      expect(await groups.evaluateAll(all => all.map(one => one.getAttribute('label')))).toEqual([
        'Known from the field',
        'Microsoft',
        'Business applications',
        'Data stores and infrastructure',
        'No version check: forced updates only',
      ]);
      const said = dialog.page.locator('#record-endpoint-preset-result[aria-live]');
      const value = (name: string): Promise<string> => dialog.field(name).inputValue();
      await choice.selectOption({ label: 'Zendesk' });
      await said.getByText('Records: tickets').waitFor();
      expect(await value('family')).toBe('rest');
      expect(await value('addressTemplate')).toBe('{collection}/{key}.json');
      expect(await value('versionBack')).toBe('body');
      expect(await value('writeMembers')).toBe('{"ticket":{"safe_update":true}}');

      await choice.selectOption('kubernetes');
      await said.getByText('deployments').waitFor();
      expect(await value('contentType')).toBe('application/merge-patch+json');
      expect(await value('writeMembers')).toBe('');

      await choice.selectOption('odata');
      await expect.poll(() => value('family')).toBe('odata');
      expect(await value('contentType')).toBe('');
      await closeDialogs(editor(), dialog);
    });

    it('shows the defaults of what an earlier version did not have, and keeps the chosen days', async () => {
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      expect(await dialog.field('parallel').inputValue()).toBe('50');
      expect(await dialog.field('odataVersion').inputValue()).toBe('v2');
      await dialog.unfold('Peak hours');
      await dialog.field('peak').check();
      const days = dialog.form.getByRole('group', { name: 'Days' });
      expect(await days.getByRole('checkbox', { checked: true }).count()).toBe(5);
      await days.getByRole('checkbox', { name: 'Sat' }).check();
      await days.getByRole('checkbox', { name: 'Mon' }).uncheck();
      expect(await dialog.field('peakDays').inputValue()).toBe('2,3,4,5,6');
      await closeDialogs(editor(), dialog);
    });

    it('proves by the method of the flow, and warns of what a PUT could undo', async () => {
      const { page } = editor();
      const setMethod = (method: string): Promise<void> =>
        page.evaluate(chosen => {
          for (const node of RED.nodes.filterNodes({ type: 'conditional-update' })) {
            Object.assign(node, { method: chosen });
          }
        }, method);
      await setMethod('PUT');
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      await dialog.unfold('Test connection');
      expect(await part(dialog, 'method').inputValue()).toBe('PUT');
      await part(dialog, 'prove').click();
      expect(await part(dialog, 'warning').innerText()).toContain('a PUT could undo');
      await closeDialogs(editor(), dialog);
      await setMethod('PATCH');
    });

    it('signs in with a key of several lines, by keyboard and in a narrow tray', async () => {
      const { page } = editor();
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      await dialog.select('server', 'url');
      await dialog.select('auth', 'oauth2');
      expect(await dialog.field('clientAuth').inputValue()).toBe('basic');
      expect(await dialog.field('privateKey').isVisible()).toBe(false);
      await dialog.select('clientAuth', 'grant');
      expect(await dialog.field('clientSecret').isVisible()).toBe(false);
      await dialog.field('privateKey').focus();
      await page.keyboard.insertText(
        '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      );
      expect(await dialog.field('privateKey').inputValue()).toContain('\nAAAA\n');
      await page.keyboard.press('Tab');
      expect(
        await dialog.field('passphrase').evaluate(input => input === document.activeElement),
      ).toBe(true);
      expect(await dialog.field('assertionSubject').isVisible()).toBe(true);
      await dialog.fill('secretHeader', 'x-api-key');
      expect(await dialog.field('secretHeaderValue').isVisible()).toBe(true);
      expect(await overflowing(dialog)).toEqual([]);
      expect(await unreachableByTab(dialog)).toEqual([]);
      expect(await namelessFields(dialog)).toEqual([]);
      expect(await graveFaults(dialog)).toEqual([]);
      await editor().shoot('endpoint-sign-in', dialog.tray);
      await closeDialogs(editor(), dialog);
    });

    it('lets no typed secret out again', async () => {
      const { page } = editor();
      const dialog = await openDialog(editor(), 'record-endpoint', orderLoop());
      await dialog.select('server', 'url');
      await dialog.fill('baseUrl', 'http://127.0.0.1:9');
      await dialog.select('auth', 'bearer');
      await dialog.fill('token', SECRET);
      expect(await pageText(dialog)).toContain(SECRET);
      await dialog.doneByKeyboard();
      await page.locator('#node-dialog-ok').click();
      await dialog.tray.waitFor({ state: 'detached' });
      expect(await pageText(dialog)).not.toContain(SECRET);

      expect(await editor().deploy()).toBeUndefined();
      const flows = await (await editor().request('/flows')).text();
      expect(flows).toContain('http://127.0.0.1:9');
      expect(flows).not.toContain(SECRET);
      const again = await openDialog(editor(), 'record-endpoint', orderLoop());
      expect(await again.field('token').inputValue()).toBe('__PWRD__');
      expect(await pageText(again)).not.toContain(SECRET);
      await closeDialogs(editor(), again);
    });
  },
);

/** How much of an answer is to be seen, and whether nothing stands between it and its button. */
async function placeBelow(
  dialog: Dialog,
  button: 'read' | 'prove',
): Promise<{ inView: number; below: boolean }> {
  const [asked, answered] = await Promise.all(
    [button, `${button}-result`].map(name => part(dialog, name).boundingBox()),
  );
  const gap = (answered?.y ?? 0) - ((asked?.y ?? 0) + (asked?.height ?? 0));
  const visible = await inView(part(dialog, `${button}-result`));
  return { inView: visible, below: gap >= 0 && gap < 30 };
}

/** The share of an element that is to be seen: neither scrolled away nor covered by the edges of the window. */
function inView(part: Locator): Promise<number> {
  return part.evaluate(
    element =>
      new Promise(resolve => {
        const observer = new IntersectionObserver(([entry]) => {
          observer.disconnect();
          resolve(Math.round((entry?.intersectionRatio ?? 0) * 100) / 100);
        });
        observer.observe(element);
      }),
  );
}

/** All that the page holds, with what stands in its fields. */
function pageText({ page }: Dialog): Promise<string> {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll('input, textarea')] as HTMLInputElement[];
    return [document.documentElement.outerHTML, ...fields.map(field => field.value)].join('\n');
  });
}
