import { expect, it } from 'vitest';
import { DebugSidebar } from './support/debug-sidebar';
import { withEditor } from './support/with-editor';

const TAB = { id: 'aaaa000000000001', type: 'tab', label: 'First flow', disabled: false, info: '' };
const INJECT = {
  id: 'aaaa000000000002',
  type: 'inject',
  z: TAB.id,
  name: 'ship it',
  props: [
    { p: 'payload', v: '{"orderstatus":"Shipped"}', vt: 'json' },
    { p: 'key', v: '5a1e0000-2025-4000-8000-000000000145', vt: 'str' },
  ],
  repeat: '',
  crontab: '',
  once: false,
  onceDelay: 0.1,
  topic: '',
  x: 120,
  y: 200,
  wires: [[]],
};
const DEBUG = {
  id: 'aaaa000000000003',
  type: 'debug',
  z: TAB.id,
  name: 'result',
  active: true,
  tosidebar: true,
  console: false,
  tostatus: false,
  complete: 'update',
  targetType: 'msg',
  statusVal: '',
  statusType: 'auto',
  x: 620,
  y: 200,
  wires: [],
};

withEditor('a first flow', { flows: [TAB, INJECT, DEBUG] }, editor => {
  it('is built by mouse from the palette and shows "updated" in the debug sidebar', async () => {
    const id = await editor().drag('conditional-update', { x: 360, y: 200 });

    await editor().shoot('palette', editor().page.locator('#red-ui-palette'));

    const dialog = await editor().open(id);
    await dialog.fillTyped('collection', 'str', 'salesorders');
    await dialog.fillTyped('key', 'msg', 'key');
    await dialog.fillTyped('changes', 'msg', 'payload');
    const endpoint = await dialog.add('endpoint');
    await endpoint.fill('name', 'Sales orders');
    await endpoint.select('server', 'practice');
    await endpoint.select('practiceLoad', 'quiet');
    await endpoint.done();
    await editor().shoot('first-dialog', dialog.form);
    await dialog.done();
    expect(await editor().node(id)).toMatchObject({ valid: true, outputs: 2 });

    await editor().wire(INJECT.id, 0, id);
    await editor().wire(id, 0, DEBUG.id);
    expect(await editor().wires(INJECT.id)).toEqual([{ output: 0, to: id }]);
    expect(await editor().wires(id)).toEqual([{ output: 0, to: DEBUG.id }]);
    expect(await editor().deploy()).toBeUndefined();

    const sidebar = await DebugSidebar.opened(editor().page);
    await editor().press(INJECT.id);
    const message = sidebar.newest('result');
    await sidebar.unfold(message, 'attempts', '0');
    expect(await sidebar.entry(message, 'outcome').innerText()).toBe('outcome: "updated"');
    await editor().page.mouse.move(0, 0);
    await editor().shoot('result', message);
  });
});
