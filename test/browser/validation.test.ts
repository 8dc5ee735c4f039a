import { expect, it } from 'vitest';
import { orderLoop, openDialog } from './support/dialogs';
import { withEditor } from './support/with-editor';

const idOf = (type: string): string => orderLoop().find(node => node.type === type)?.id ?? '';

withEditor('a node not properly configured', { flows: orderLoop() }, editor => {
  it('says that Records is missing', async () => {
    const dialog = await openDialog(editor(), 'etag-fetch', orderLoop());
    await dialog.fillTyped('collection', 'str', '');
    await dialog.done();
    expect(await editor().node(idOf('etag-fetch'))).toMatchObject({ valid: false });
    expect(await editor().complaint(idOf('etag-fetch'))).toContain(
      'Records: property value missing',
    );
  });

  it.each([
    ['conditional-update', 'lockWait', 'Wait for turn (s) must be a number from 0 to 86400'],
    ['record-lock', 'lease', 'Lease (s) must be a number from 0.05 to 86400'],
  ])('says which number of %s is none', async (type, field, words) => {
    const dialog = await openDialog(editor(), type, orderLoop());
    await dialog.unfoldAll();
    await dialog.fill(field, 'soon');
    await dialog.done();
    expect(await editor().node(idOf(type))).toMatchObject({ valid: false });
    expect(await editor().complaint(idOf(type))).toContain(words);
  });

  it('opens the folded section that holds the fault', async () => {
    const dialog = await openDialog(editor(), 'conditional-update', orderLoop());
    const section = dialog.form.locator('details[open]', { has: dialog.field('lockWait') });
    await section.waitFor();
    await dialog.fill('lockWait', '${LOCK_WAIT}');
    await dialog.done();
    expect(await editor().node(idOf('conditional-update'))).toMatchObject({ valid: true });
  });

  it('leaves what is held down where it is, and opens the section after that', async () => {
    const { page } = editor();
    const dialog = await openDialog(editor(), 'conditional-update', orderLoop());
    const faulty = dialog.form.locator('details[open]', { has: dialog.field('lockWait') });
    const last = dialog.form.locator('details').last();
    await last.locator('summary').hover();
    await page.mouse.down();
    await dialog.field('lockWait').evaluate(async (field: HTMLInputElement) => {
      field.value = 'soon';
      field.dispatchEvent(new Event('change', { bubbles: true }));
      // The section is due by then.
      await new Promise(resolve => setTimeout(resolve));
    });
    expect(await faulty.count()).toBe(0);
    await page.mouse.up();
    await faulty.waitFor();
    expect(await last.getAttribute('open')).toBe('');
    await dialog.cancel();
  });

  it('says that an action is missing', async () => {
    const dialog = await openDialog(editor(), 'conditional-update', orderLoop());
    await dialog.unfoldAll();
    await dialog.select('method', 'ACTION');
    await dialog.done();
    expect(await editor().complaint(idOf('conditional-update'))).toContain('Action is empty');
  });

  it('says that the API of its endpoint does not take the method', async () => {
    const dialog = await openDialog(editor(), 'conditional-update', orderLoop());
    await dialog.select('method', 'PUT');
    await dialog.done();
    expect(await editor().complaint(idOf('conditional-update'))).toContain(
      'PUT does not suit the API family of the endpoint. Choose PATCH, call an action.',
    );
  });

  it('is asked about before a deploy', async () => {
    expect(await editor().deploy()).toContain('not properly configured');
  });
});
