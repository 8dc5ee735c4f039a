import { expect, it } from 'vitest';
import { withEditor } from './support/with-editor';

withEditor('the editor of these tests', {}, editor => {
  it('knows nothing of what was kept for its user before', async () => {
    const settings = async (): Promise<object> =>
      (await (await editor().request('/settings/user')).json()) as object;
    await editor().request('/settings/user', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ debug: { filter: 'filterCurrent' }, editor: { view: { kept: 1 } } }),
    });
    expect(await settings()).toMatchObject({ editor: { view: { kept: 1 } } });
    await editor().reset([], {});
    const now = await settings();
    expect(now).not.toHaveProperty('debug.filter');
    expect(now).not.toHaveProperty('editor.view.kept');
  });
});
