import type { Locator, Page } from 'playwright-core';
import { orderId, orderNumber, startSandbox, type Sandbox } from '../../../sandbox/index';
import type { ReviewPage } from '../../../lib/review/desk';
import { deadLetterNode, fetchNode, storeNode, updateNode } from '../../support/flow-nodes';
import { ordersAt } from '../../support/flow-practice';
import type { RedApi } from './red-api';

declare const RED: RedApi;

const TAB = { id: 'tab', type: 'tab', label: 'Conflicts', disabled: false, info: '' };

/** Counts once more each time it is written. */
const ONE_MORE = { field: 'totalamount', valueType: 'add', value: '1', optional: false } as const;

/** What the sidebar shows, by what is opened in it. */
type View = 'entry' | 'ours' | 'edit' | 'discard' | 'list' | 'many' | 'plan' | 'rates';

/** Asks the admin API of a Node-RED. */
export type Request = (path: string, init?: RequestInit) => Promise<Response>;

/** A flow whose updates meet others, and the orders that it is about. */
export class Disputed {
  readonly flows: readonly object[];

  private constructor(readonly sandbox: Sandbox) {
    const nodes = [
      TAB,
      { ...ordersAt(sandbox), name: 'Orders' },
      storeNode({ keep: 'memory' }),
      button('read-it', 'fetch'),
      fetchNode('fetch', [['keep'], []]),
      {
        id: 'keep',
        type: 'change',
        z: TAB.id,
        name: '',
        rules: [{ t: 'set', p: 'read', pt: 'flow', to: 'record', tot: 'msg' }],
        wires: [[]],
      },
      button('update-it', 'update'),
      updateNode('update', [[], ['letters']], { name: 'ship the order' }),
      button('add-it', 'add'),
      updateNode('add', [[], ['letters']], { changesType: 'fields', fields: [ONE_MORE] }),
      { ...deadLetterNode('letters', [[], [], []]), name: 'To decide' },
    ];
    // None lies on another one.
    this.flows = nodes.map((node, at) => ('z' in node ? { ...node, x: 500, y: 60 * at } : node));
  }

  static async start(): Promise<Disputed> {
    return new Disputed(await startSandbox({ orders: 60 }));
  }

  values(order: number): Readonly<Record<string, unknown>> {
    return this.sandbox.orders.get(orderId(order))?.values as Readonly<Record<string, unknown>>;
  }

  /** Somebody changes an order. */
  touch(order: number, theirs: Readonly<Record<string, unknown>>): void {
    this.sandbox.orders.touch(orderId(order), theirs);
  }

  /** An update of an order that was decided before somebody else changed it; it is in the list then. */
  async conflict(
    request: Request,
    order: number,
    ours: Readonly<Record<string, unknown>>,
    theirs: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const key = { ordernumber: orderNumber(order) };
    const record = await this.read(request, key);
    this.touch(order, theirs);
    const before = (await this.list(request)).totalEntries;
    await press(request, 'update-it', { key, payload: ours, record });
    while ((await this.list(request)).totalEntries === before) await nextTurn();
  }

  /** Adds one to the amount of an order; the write is done, and its answer lost. The update is in the list then. */
  async lostAddition(request: Request, order: number): Promise<void> {
    const before = (await this.list(request)).totalEntries;
    this.sandbox.faults.add({ fault: 'lost-response', on: 'write' });
    await press(request, 'add-it', { key: { ordernumber: orderNumber(order) }, payload: {} });
    while ((await this.list(request)).totalEntries === before) await nextTurn();
    this.sandbox.faults.clear();
  }

  /** Somebody deletes an order. */
  remove(order: number): void {
    this.sandbox.orders.remove(orderId(order));
  }

  /** What the flow reads of a record: it keeps that in its context. */
  private async read(request: Request, key: object): Promise<unknown> {
    await press(request, 'read-it', { key });
    for (;;) {
      const response = await request('/context/flow/tab/read');
      const { msg } = (await response.json()) as { msg?: string };
      const read = msg?.startsWith('{') ? (JSON.parse(msg) as { key: object }) : undefined;
      if (JSON.stringify(read?.key) === JSON.stringify(key)) return read;
      await nextTurn();
    }
  }

  /** Somebody else decides. */
  async act(request: Request, id: string, wish: object): Promise<void> {
    const { ok, status } = await request(`/record-updates/review/letters/entries/${id}/act`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    if (!ok) throw new Error(`It was not taken (${String(status)})`);
  }

  /** Nothing is left to decide. */
  async clear(request: Request): Promise<void> {
    const { records } = await this.list(request);
    for (const { id } of records.flatMap(({ heads }) => heads)) {
      await this.act(request, id, { action: 'discard', reason: 'of another test' });
    }
  }

  async list(request: Request): Promise<ReviewPage> {
    const response = await request('/record-updates/review/letters/entries');
    return (await response.json()) as ReviewPage;
  }
}

async function press(request: Request, id: string, msg: object): Promise<void> {
  await request(`/inject/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      __user_inject_props__: Object.entries(msg).map(([p, value]) => ({
        p,
        v: JSON.stringify(value),
        vt: 'json',
      })),
    }),
  });
}

/** Lets others run before it is asked once more. */
function nextTurn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 10));
}

function button(id: string, to: string): object {
  return {
    id,
    type: 'inject',
    z: TAB.id,
    name: id,
    props: [],
    repeat: '',
    crontab: '',
    once: false,
    onceDelay: 0.1,
    topic: '',
    x: 100,
    y: 40,
    wires: [[to]],
  };
}

/** The sidebar as somebody uses it. */
export class ConflictsSidebar {
  readonly root: Locator;
  readonly opened: Locator;

  private constructor(readonly page: Page) {
    this.root = page.locator('.record-updates-conflicts');
    this.opened = this.root.locator('.conflicts-opened');
  }

  /** Shows it, at a width in pixels. */
  static async shown(page: Page, width = 400): Promise<ConflictsSidebar> {
    await page.evaluate(() => {
      RED.actions.invoke('record-updates:show-conflicts');
    });
    const sidebar = new ConflictsSidebar(page);
    await sidebar.root.getByRole('tablist').waitFor();
    await sidebar.resize(width);
    return sidebar;
  }

  /** As if somebody had drawn the edge of the sidebar: the tab is as wide as that. */
  async resize(width: number): Promise<void> {
    await this.root.evaluate((element: HTMLElement, pixels) => {
      const bar = document.querySelector<HTMLElement>('#red-ui-sidebar');
      if (bar === null) throw new Error('There is no sidebar');
      // It has edges of its own, and in 5.0 grows and shrinks with the window.
      bar.style.flex = 'none';
      bar.style.width = `${String(pixels)}px`;
      bar.style.width = `${String(2 * pixels - element.offsetWidth)}px`;
      // In 4.1 the workspace and the dialogs end where the sidebar begins.
      for (const id of ['#red-ui-workspace', '#red-ui-editor-stack']) {
        const beside = document.querySelector<HTMLElement>(id);
        if (beside !== null) beside.style.right = `${String(bar.offsetWidth + 8)}px`;
      }
    }, width);
  }

  /** All that it shows, one after the other, found by what is the same in every language. */
  async *views(entry: string): AsyncGenerator<View> {
    const [review, rates] = [0, 1].map(at => this.root.getByRole('tab').nth(at));
    const [filter, many] = [0, 1].map(at => this.root.locator('.conflicts-bar button').nth(at));
    const decisions = this.opened.locator('.conflicts-decision button');
    const question = this.root.locator('.conflicts-question');
    const cancel = question.locator('.conflicts-buttons button').last();
    await this.open(entry);
    await this.lookedAt();
    yield 'entry';
    for (const [view, at] of [
      ['ours', 1],
      ['edit', 2],
      ['discard', 4],
    ] as const) {
      await decisions.nth(at).click();
      await question.waitFor();
      yield view;
      await cancel.click();
    }
    await this.opened.locator('.conflicts-opened-head button').click();
    await filter?.click();
    yield 'list';
    await filter?.click();
    await many?.click();
    await question.waitFor();
    yield 'many';
    await question.locator('[type=submit]').click();
    await question.locator('li').first().waitFor();
    yield 'plan';
    await cancel.click();
    await rates?.click();
    await this.root.getByRole('gridcell').first().waitFor();
    yield 'rates';
    await review?.click();
  }

  /** The entries of the list that hold a text. */
  entry(text: string | RegExp): Locator {
    return this.root.locator('.conflicts-entry', { hasText: text });
  }

  async open(text: string | RegExp): Promise<void> {
    await this.entry(text).click();
    await this.opened.locator('.conflicts-fields').waitFor();
  }

  /** Waits until the record of the opened entry has been read: before, what is shown may change under the mouse. */
  async lookedAt(): Promise<void> {
    await this.opened.locator('.conflicts-looked:not(.conflicts-is-reading)').waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.root.getByRole('button', { name, exact: true });
  }

  /** What is said of the record as it is now, once it is read. */
  looked(text: string | RegExp): Locator {
    return this.opened.locator('.conflicts-looked', { hasText: text });
  }

  /** Values of a field as they stand in its row. */
  async values(field: string): Promise<string[]> {
    const row = this.opened.getByRole('row').filter({
      has: this.page.getByRole('rowheader', { name: field }),
    });
    return row.locator('.conflicts-value').allInnerTexts();
  }

  /** What sticks out of it, or is cut off. */
  async overflowing(): Promise<string[]> {
    return this.root.evaluate(element => {
      const { left, right } = element.getBoundingClientRect();
      const shown = [...element.querySelectorAll<HTMLElement>('*')].filter(
        part => part.checkVisibility() && part.closest('.conflicts-unseen') === null,
      );
      const outside = shown.filter(part => {
        const edges = part.getBoundingClientRect();
        return edges.right > right + 1 || edges.left < left - 1;
      });
      return outside.map(part => part.outerHTML.slice(0, 200));
    });
  }
}
