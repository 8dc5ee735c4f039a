import { expect, it } from 'vitest';
import { STORE_DEFAULTS } from '../../nodes/record-store/config';
import { QUEUE_DEFAULTS } from '../../nodes/update-queue/config';
import { graveFaults, namelessFields } from './support/accessibility';
import type { Dialog } from './support/dialog';
import type { Editor } from './support/editor';
import { overflowing, unreachableByTab } from './support/layout';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const TAB = { id: 'dddd000000000001', type: 'tab', label: 'Orders', disabled: false, info: '' };
const STORE = { id: 'dddd000000000002', type: 'record-store', ...STORE_DEFAULTS };
const QUEUE = {
  id: 'dddd000000000003',
  type: 'update-queue',
  z: TAB.id,
  ...QUEUE_DEFAULTS,
  store: STORE.id,
  x: 200,
  y: 160,
  wires: [['dddd000000000004'], [], ['dddd000000000004']],
};
const DEBUG = {
  id: 'dddd000000000004',
  type: 'debug',
  z: TAB.id,
  name: '',
  active: true,
  tosidebar: true,
  console: false,
  tostatus: false,
  complete: 'queue',
  targetType: 'msg',
  statusVal: '',
  statusType: 'auto',
  x: 480,
  y: 160,
  wires: [],
};

const STRANDED = [
  {
    name: 'orders<b>',
    waiting: 12,
    inFlight: 1,
    oldestAt: Date.UTC(2026, 1, 8, 10),
    isUsedElsewhere: false,
  },
  { name: 'parts', waiting: 0, inFlight: 1, isUsedElsewhere: true },
];

async function change(editor: Editor, fill: (dialog: Dialog) => Promise<void>): Promise<void> {
  const dialog = await editor.open(QUEUE.id);
  await dialog.unfoldAll();
  await fill(dialog);
  await dialog.done();
}

withEditor('the dialog of update-queue', { flows: [TAB, STORE, QUEUE, DEBUG] }, editor => {
  it('asks only for what the choices need', async () => {
    const dialog = await editor().open(QUEUE.id);
    // Folded sections hide what is in them.
    await dialog.form.evaluate(form => {
      for (const section of form.querySelectorAll('details')) section.open = true;
    });
    await editor().shoot('update-queue', dialog.tray);
    const shown = (...names: string[]): Promise<boolean[]> =>
      Promise.all(
        names.map(async name => {
          const row = dialog.form.locator(`.form-row:has(#node-input-${name})`);
          return row.isVisible();
        }),
      );
    const combining = ['statusFields', 'inOrder', 'eventTime'];
    expect(await shown(...combining, 'store', 'settleAs')).toEqual([true, true, true, true, false]);
    await dialog.select('mode', 'order');
    expect(await shown(...combining, 'notBefore')).toEqual([false, false, false, true]);
    await dialog.select('mode', 'newest');
    expect(await shown(...combining)).toEqual([true, true, true]);
    expect(await shown('holdFrom', 'holdTo', 'peakFrom')).toEqual([true, true, false]);
    await dialog.field('hold').uncheck();
    await dialog.field('peak').check();
    expect(await shown('holdFrom', 'holdTo', 'peakFrom')).toEqual([false, false, true]);
    await dialog.select('action', 'settle');
    expect(await shown('store', 'mode', 'limit', 'settleAs', 'ticket', 'record')).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
    await editor().shoot('update-queue-settle', dialog.tray);
    await dialog.cancel();
  });

  it('says all that is wrong or missing', async () => {
    await change(editor(), async dialog => {
      await dialog.select('store', '_ADD_');
      for (const [name, value] of [
        ['parallel', '0'],
        ['batchSize', '1.5'],
        ['batchPause', 'soon'],
        ['lease', '0'],
        ['tries', '0'],
        ['limit', '0'],
        ['largest', '0'],
        ['holdTo', '40'],
        ['holdLongest', '1'],
      ] as const) {
        await dialog.fill(name, value);
      }
      await dialog.fillTyped('eventTime', 'msg', '');
    });
    const words = await editor().complaint(QUEUE.id);
    for (const sentence of [
      'Store',
      'In flight at a time must be a whole number from 1 to 1000',
      'Updates per batch must be a whole number from 1 to 10000',
      'must be a number from 0.05 to 3600',
      'Comes back after (s) must be a number from 1 to 86400',
      'Tries at most must be a whole number from 1 to 1000',
      'Waiting updates at most must be a whole number from 1 to 1000000',
      'Largest update (KB) must be a number from 1 to 102400',
    ]) {
      expect(words).toContain(sentence);
    }
    expect(words).toMatch(/until below/i);
    expect(words).toMatch(/event/i);

    await change(editor(), async dialog => {
      await dialog.select('store', STORE.id);
      for (const name of ['parallel', 'batchSize', 'batchPause', 'lease', 'tries'] as const) {
        await dialog.fill(name, '10');
      }
      for (const [name, value] of [
        ['limit', '100'],
        ['largest', '1'],
        ['holdTo', '10'],
        ['holdLongest', '3'],
      ] as const) {
        await dialog.fill(name, value);
      }
      await dialog.fillTyped('eventTime', 'msg', 'event.time');
    });
    expect(await editor().node(QUEUE.id)).toMatchObject({ valid: true, outputs: 3 });
  });

  it('has labels on its outputs, a fourth for counters, and keeps its wires', async () => {
    const labels = async (count: number): Promise<string[]> => {
      const found: string[] = [];
      for (let index = 0; index < count; index++) {
        found.push(await editor().outputLabel(QUEUE.id, index));
      }
      return found;
    };
    expect(await labels(3)).toEqual(['next', 'superseded', 'given up']);
    await change(editor(), dialog => dialog.field('counters').check());
    expect(await editor().node(QUEUE.id)).toMatchObject({ valid: true, outputs: 4 });
    expect(await editor().outputLabel(QUEUE.id, 3)).toBe('counters');
    await change(editor(), dialog => dialog.select('action', 'settle'));
    expect(await editor().node(QUEUE.id)).toMatchObject({ valid: true, outputs: 3 });
    expect(await labels(3)).toEqual(['done', 'queued again', 'given up']);
    expect(await editor().wires(QUEUE.id)).toEqual([
      { output: 0, to: DEBUG.id },
      { output: 2, to: DEBUG.id },
    ]);
    await editor().picture(QUEUE.id).getByText('settle update').waitFor();
  });

  // Of the action queue: see dialogs.test.ts.
  it('with settle can be filled with the keyboard, is accessible and fits into a narrow tray', async () => {
    const dialog = await editor().open(QUEUE.id);
    expect(await unreachableByTab(dialog)).toEqual([]);
    expect(await graveFaults(dialog)).toEqual([]);
    expect(await namelessFields(dialog)).toEqual([]);
    expect(await untranslated(dialog.form)).toEqual([]);
    expect(await overflowing(dialog)).toEqual([]);
    await dialog.doneByKeyboard();
    await dialog.tray.waitFor({ state: 'detached' });
  });

  it('its store asks for what each kind of Redis needs', async () => {
    await change(editor(), dialog => dialog.select('action', 'queue'));
    const { page } = editor();
    const json = { queues: STRANDED };
    // How they are found: see stranded-queues.test.ts.
    await page.route(`**/record-updates/store/${STORE.id}/queues`, route =>
      route.fulfill({ json }),
    );
    const dialog = await editor().open(QUEUE.id);
    const store = await dialog.edit('store');
    const listed = store.form.locator('#record-store-stranded li');
    await listed.first().waitFor();
    expect(await listed.allTextContents()).toEqual([
      expect.stringMatching(/^orders<b>: 12 waiting, 1 in flight, the oldest since .*20\d\d/),
      'parts: 0 waiting, 1 in flight, another Node-RED uses it',
    ]);
    await store.select('keep', 'redis');
    const shown = (name: string): Promise<boolean> => store.field(name).isVisible();
    for (const mode of ['one', 'cluster', 'sentinel']) {
      await store.select('mode', mode);
      await editor().shoot(`record-store-${mode}`, store.tray.last());
      const isSentinel = mode === 'sentinel';
      expect(await store.field('server').getAttribute('placeholder')).toContain(
        isSentinel ? ':26379' : ':6379',
      );
      expect([await shown('master'), await shown('database')]).toEqual([isSentinel, isSentinel]);
      expect(await shown('limit')).toBe(false);
    }
    // That asks for most.
    expect(await unreachableByTab(store)).toEqual([]);
    expect(await graveFaults(store)).toEqual([]);
    expect(await namelessFields(store)).toEqual([]);
    expect(await untranslated(store.form)).toEqual([]);
    expect(await overflowing(store)).toEqual([]);
    await editor().shoot('record-store-narrow', store.tray.last());
    await store.cancel();
    await dialog.cancel();
    await page.unroute(`**/record-updates/store/${STORE.id}/queues`);
  });
});
