import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openPage, showEditor } from '../../scripts/lib/browser.mjs';
import type { NodeRed } from '../../scripts/lib/node-red.mjs';
import { orderNumber } from '../../sandbox/index';
import { startWithPackage } from '../support/node-red';
import { ConflictsSidebar, Disputed } from './support/conflicts';
import { oneBrowser } from './support/one-browser';

const EDITOR = [
  'settings.read',
  'flows.read',
  'nodes.read',
  'plugins.read',
  'status.read',
  'library.read',
  'context.read',
  'projects.read',
  'icons.read',
];
const READER = [...EDITOR, 'record-updates.read'];
const REVIEWER = [...READER, 'record-updates.review'];
/** Bearer token, which is the name of the user, and what he may. */
const USERS = { admin: '*', viewer: EDITOR, reader: READER, anna: REVIEWER, ben: REVIEWER };
type User = keyof typeof USERS;

const shared = inject('editor');
const SECRET = 'only for those who may see it';

/** In CI the tests fail when they have no browser. */
describe.skipIf(shared === null && process.env.CI !== 'true')('who may see conflicts', () => {
  let disputed: Disputed;
  let nodeRed: NodeRed;
  let browser: Browser;
  const opened: Page[] = [];
  /** What the web socket has brought to each page. */
  const frames = new Map<Page, string[]>();

  const as =
    (user: User) =>
    (path: string, init: RequestInit = {}): Promise<Response> =>
      nodeRed.request(path, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${user}` },
      });

  async function editorOf(user: User): Promise<Page> {
    const { page } = await openPage(browser);
    opened.push(page);
    const received: string[] = [];
    frames.set(page, received);
    page.on('websocket', socket => {
      socket.on('framereceived', ({ payload }) => received.push(String(payload)));
    });
    await page.addInitScript(token => {
      localStorage.setItem('auth-tokens', JSON.stringify({ access_token: token }));
    }, user);
    await showEditor(page, nodeRed.url);
    return page;
  }

  beforeAll(async () => {
    disputed = await Disputed.start();
    nodeRed = await startWithPackage({
      adminTokens: USERS,
      flows: [...disputed.flows],
      isLight: true,
    });
    browser = await oneBrowser();
  });
  afterAll(async () => {
    for (const page of opened) await page.context().close();
    await nodeRed.close();
    await disputed.sandbox.close();
  });

  it('nobody sees a value without the permission, on the web socket neither', async () => {
    const page = await editorOf('viewer');
    const sidebar = await ConflictsSidebar.shown(page);
    await disputed.conflict(as('admin'), 1, { name: `${SECRET} 1` }, { name: `${SECRET} 2` });
    await sidebar.root.getByText('You may not see conflicts.').waitFor();
    // The numbers are for everybody.
    await sidebar.root.getByRole('tab', { name: 'To decide (1)' }).waitFor();
    await sidebar.root.getByRole('tab', { name: 'Rates' }).click();
    await sidebar.root.locator('.conflicts-rates', { hasText: 'You may not see' }).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    const heard = (): string => (frames.get(page) ?? []).join('\n');
    await expect.poll(heard).toMatch(/"topic":"record-updates\/conflicts"[^}]*"open":1/);
    const told = heard();
    for (const value of [SECRET, orderNumber(1), 'salesorders', 'name":"']) {
      const counts = told.match(/\{"topic":"record-updates\/conflicts"[^}]*\}\}/g) ?? [];
      expect(counts.length).toBeGreaterThan(0);
      expect(counts.join('\n')).not.toContain(value);
    }
    expect(told).not.toContain(SECRET);
  });

  it('who may read looks, and decides nothing', async () => {
    const sidebar = await ConflictsSidebar.shown(await editorOf('reader'));
    await sidebar.open(orderNumber(1));
    await sidebar.looked('Still like this').waitFor();
    expect(await sidebar.values('name')).toContain(`${SECRET} 2`);
    await sidebar.opened.getByText('You may look, but not decide.').waitFor();
    expect(await sidebar.opened.locator('.conflicts-decision button').count()).toBe(0);
    const { records } = await disputed.list(as('reader'));
    const id = records[0]?.heads[0]?.id ?? '';
    await expect(disputed.act(as('reader'), id, { action: 'theirs' })).rejects.toThrow('401');
  });

  it('of two at the same entry, the second is told who was faster', async () => {
    const [anna, ben] = await Promise.all(
      (['anna', 'ben'] as const).map(async user => ConflictsSidebar.shown(await editorOf(user))),
    );
    if (anna === undefined || ben === undefined) throw new Error('Both are there');
    for (const sidebar of [anna, ben]) {
      await sidebar.open(orderNumber(1));
      await sidebar.looked('Still like this').waitFor();
    }
    await ben.button('Write ours').click();
    await anna.button('Take theirs').click();
    await anna.root.getByText('Nothing needs a person.').waitFor();
    await ben.opened
      .locator('.conflicts-notice', { hasText: 'anna has settled it: take theirs' })
      .waitFor();
    expect(await ben.button('Write over it').count()).toBe(0);
    expect(disputed.values(1).name).toBe(`${SECRET} 2`);
  });
});
