import { expect, it } from 'vitest';
import { DEDUPE_DEFAULTS } from '../../nodes/event-dedupe/config';
import { STORE_DEFAULTS } from '../../nodes/record-store/config';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import type { Editor } from './support/editor';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const TAB = { id: 'cccc000000000001', type: 'tab', label: 'Machines', disabled: false, info: '' };
const STORE = {
  id: 'cccc000000000002',
  type: 'record-store',
  ...STORE_DEFAULTS,
};
const DEDUPE = {
  id: 'cccc000000000003',
  type: 'event-dedupe',
  z: TAB.id,
  ...DEDUPE_DEFAULTS,
  store: STORE.id,
  x: 200,
  y: 160,
  wires: [['cccc000000000004'], ['cccc000000000005']],
};
const debug = (id: string, y: number): object => ({
  id,
  type: 'debug',
  z: TAB.id,
  name: '',
  active: true,
  tosidebar: true,
  console: false,
  tostatus: false,
  complete: 'event',
  targetType: 'msg',
  statusVal: '',
  statusType: 'auto',
  x: 480,
  y,
  wires: [],
});
const FLOWS = [TAB, STORE, DEDUPE, debug('cccc000000000004', 120), debug('cccc000000000005', 200)];

async function change(editor: Editor, fill: (dialog: Dialog) => Promise<void>): Promise<void> {
  const dialog = await editor.open(DEDUPE.id);
  await dialog.unfoldAll();
  await fill(dialog);
  await dialog.done();
}

withEditor('a first event-dedupe', { flows: [TAB] }, editor => {
  it('is dragged, filled in with a store of its own, saved and shown again', async () => {
    const id = await editor().drag('event-dedupe', { x: 240, y: 160 });
    expect(await editor().node(id)).toMatchObject({ valid: false, outputs: 2 });
    const dialog = await editor().open(id);
    const store = await dialog.add('store');
    expect(await store.field('keep').inputValue()).toBe('file');
    await editor().shoot('record-store', store.tray.last());
    expect(await namelessFields(store)).toEqual([]);
    expect(await graveFaults(store)).toEqual([]);
    expect(await untranslated(store.form)).toEqual([]);
    await store.select('keep', 'memory');
    await store.fill('limit', '5000');
    await store.done();
    await dialog.fill('window', '90');
    await dialog.select('windowUnit', 'seconds');
    await dialog.fillTyped('eventId', 'jsonata', 'event.machine & "/" & event.id');
    await dialog.done();
    expect(await editor().node(id)).toMatchObject({ valid: true, outputs: 2 });
    await editor().picture(id).getByText('check event').waitFor();

    expect(await editor().deploy()).toBeUndefined();
    const answer = await editor().request('/flows');
    const flows = (await answer.json()) as { id: string; type: string }[];
    const saved = flows.find(node => node.type === 'record-store');
    expect(saved).toMatchObject({ keep: 'memory', limit: '5000' });
    expect(flows.find(node => node.id === id)).toMatchObject({
      id,
      store: saved?.id,
      window: '90',
      windowUnit: 'seconds',
      eventId: 'event.machine & "/" & event.id',
      eventIdType: 'jsonata',
    });
    const again = await editor().open(id);
    expect(await again.field('windowUnit').inputValue()).toBe('seconds');
    expect(await again.field('store').locator('option:checked').innerText()).toBe(
      'store in memory',
    );
    await again.cancel();
  });
});

withEditor('the dialog of event-dedupe', { flows: FLOWS }, editor => {
  it('asks only for what the action needs', async () => {
    const dialog = await editor().open(DEDUPE.id);
    const shown = (name: string): Promise<boolean> => dialog.field(name).isVisible();
    const asked = async (action: string): Promise<boolean[]> => {
      await dialog.select('action', action);
      return [await shown('window'), await shown('claim')];
    };
    expect(await asked('check')).toEqual([true, true]);
    expect(await asked('check-confirm')).toEqual([true, false]);
    expect(await asked('confirm')).toEqual([false, false]);
    expect(await asked('forget')).toEqual([false, false]);
    await dialog.cancel();
  });

  it('says all that is wrong or missing', async () => {
    await change(editor(), async dialog => {
      await dialog.field('same').check();
      await dialog.select('store', '_ADD_');
      for (const [field, value] of [
        ['window', '0'],
        ['claim', 'soon'],
        ['sameWindow', '0'],
      ] as const) {
        await dialog.fill(field, value);
      }
      for (const field of ['eventId', 'target']) await dialog.fillTyped(field, 'msg', '');
    });
    const words = await editor().complaint(DEDUPE.id);
    expect(words).toContain('Store');
    expect(words).toContain('Remember for must be a number from 1 to 1000000');
    expect(words).toContain('A claim ends after (s) must be a number from 0.05 to 86400');
    expect(words).toContain('Within (s) must be a number from 0.05 to 86400');
    expect(words).toContain('Event id is empty');
    expect(words).toContain('Target status is empty');

    await change(editor(), async dialog => {
      await dialog.select('store', STORE.id);
      for (const field of ['window', 'claim', 'sameWindow']) await dialog.fill(field, '60');
      for (const field of ['eventId', 'target']) await dialog.fillTyped(field, 'msg', 'event.id');
    });
    expect(await editor().node(DEDUPE.id)).toMatchObject({ valid: true });
  });

  it('has labels on its outputs, and keeps the wires of the one that stays', async () => {
    expect(await editor().outputLabel(DEDUPE.id, 0)).toBe('first');
    expect(await editor().outputLabel(DEDUPE.id, 1)).toBe('duplicate');
    await change(editor(), async dialog => {
      await dialog.fill('claim', 'soon');
      await dialog.select('action', 'confirm');
    });
    // What only checking needs is not asked for.
    expect(await editor().node(DEDUPE.id)).toMatchObject({ valid: true, outputs: 1 });
    expect(await editor().wires(DEDUPE.id)).toEqual([{ output: 0, to: 'cccc000000000004' }]);
    expect(await editor().outputLabel(DEDUPE.id, 0)).toBe('confirmed');
    await change(editor(), dialog => dialog.select('action', 'forget'));
    expect(await editor().outputLabel(DEDUPE.id, 0)).toBe('forgotten');
    await editor().picture(DEDUPE.id).getByText('forget event').waitFor();
  });

  // With check: see dialogs.test.ts.
  it('with forget can be filled with the keyboard, is accessible and fits into a narrow tray', async () => {
    const dialog = await editor().open(DEDUPE.id);
    await dialog.select('action', 'forget');
    expect(await unreachableByTab(dialog)).toEqual([]);
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await namelessFields(dialog)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await dialog.doneByKeyboard();
    await dialog.tray.waitFor({ state: 'detached' });
  });
});
