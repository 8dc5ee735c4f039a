import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { showEditor } from '../../../scripts/lib/browser.mjs';
import type { EditorOptions } from '../../../scripts/lib/browser.mjs';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { Dialog } from './dialog';
import type { RedApi, RedNode } from './red-api';
import { until } from './until';

declare const RED: RedApi;

const SCREENSHOTS = inRoot('test-results/screenshots');
/** Set by who wants to look at them: taking one takes longer than many a test. */
const TAKES_PICTURES = process.env.RECORD_UPDATES_PICTURES !== undefined;
/** Without what comes and goes. */
const STILL = {
  animations: 'disabled',
  style: '#red-ui-notifications { display: none !important; }',
} as const;
/** Pixels around a flow in its picture. */
const MARGIN = 24;

/** The editor as a user handles it: palette, workspace, deploy button. */
export class Editor {
  constructor(
    readonly page: Page,
    /** What the page has reported as an error. */
    readonly faults: string[],
    private readonly url: string,
  ) {}

  /** Deploys these flows instead of all others and shows the editor as at its first visit. */
  async reset(flows: readonly object[], options: EditorOptions): Promise<void> {
    await this.post(flows, 'full');
    await showEditor(this.page, this.url, options);
    this.faults.length = 0;
  }

  /** Deploys one node with other settings; what does not use it goes on. */
  async change(id: string, settings: object): Promise<void> {
    const flows = (await (await this.request('/flows')).json()) as { id: string }[];
    await this.post(
      flows.map(node => (node.id === id ? { ...node, ...settings } : node)),
      'nodes',
    );
  }

  /** Deploys, and waits until the nodes are there: Node-RED answers before it starts them. */
  private async post(flows: readonly object[], type: 'full' | 'nodes'): Promise<void> {
    const { ok, status } = await this.request('/flows', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'Node-RED-Deployment-Type': type },
      body: JSON.stringify(flows),
    });
    if (!ok) throw new Error(`The flows were not deployed (${String(status)})`);
    await this.started();
  }

  /** What needs deployed nodes is answered when they are there. */
  private async started(): Promise<void> {
    await this.request('/record-updates/monitor');
  }

  /** Waits until the page has reported just these errors, which are none of the test then. */
  async expectFaults(...expected: readonly unknown[]): Promise<void> {
    await expect.poll(() => this.faults).toEqual(expected);
    this.faults.length = 0;
  }

  /** Asks Node-RED's admin API. */
  request(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** The node's picture in the workspace. */
  picture(id: string): Locator {
    return this.page.locator(`g.red-ui-flow-node-group[id="${id}"]`);
  }

  /** What the editor knows of a node. */
  async node(id: string): Promise<Pick<RedNode, 'valid' | 'outputs' | 'validationErrors'>> {
    return this.page.evaluate(wanted => {
      const { valid, outputs, validationErrors } = RED.nodes.node(wanted) ?? {};
      return { valid, outputs, validationErrors } as RedNode;
    }, id);
  }

  /** Drags a node from the palette to a place on the workspace. @returns its id */
  async drag(type: string, to: { x: number; y: number }): Promise<string> {
    const entry = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    const known = await this.idsOf(type);
    await entry.scrollIntoViewIfNeeded();
    await entry.hover();
    const chart = await boxOf(this.page.locator('#red-ui-workspace-chart'));
    await this.page.mouse.down();
    await this.page.mouse.move(chart.x + to.x, chart.y + to.y, { steps: 10 });
    await this.page.mouse.up();
    return until(async () => (await this.idsOf(type)).find(id => !known.includes(id)));
  }

  private async idsOf(type: string): Promise<string[]> {
    return this.page.evaluate(
      wanted => RED.nodes.filterNodes({ type: wanted }).map(({ id }) => id),
      type,
    );
  }

  /** Draws a wire from an output, counted from 0, to an input. */
  async wire(from: string, output: number, to: string): Promise<void> {
    const start = this.picture(from).locator('.red-ui-flow-port-output').nth(output);
    await start.hover();
    await this.page.mouse.down();
    const end = await boxOf(this.picture(to).locator('.red-ui-flow-port-input'));
    await this.page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 10 });
    await this.page.mouse.up();
  }

  /**
   * What the editor says when the mouse rests on a part of a node, such as a port. When the editor
   * draws the node anew just then, it says nothing, and the mouse has to come again.
   */
  async tooltip(part: Locator): Promise<string> {
    const lines = this.page.locator('text.red-ui-flow-port-tooltip-label');
    await this.page.mouse.move(0, 0);
    await lines.first().waitFor({ state: 'detached' });
    return until(async () => {
      // On what it rests on already, this changes nothing.
      await part.hover();
      return (await lines.allTextContents()).join('\n');
    });
  }

  /** The words with which the editor marks a node as not properly configured. */
  async complaint(id: string): Promise<string> {
    return this.tooltip(this.picture(id).locator('.red-ui-flow-node-error'));
  }

  /** The label of an output, counted from 0. */
  async outputLabel(id: string, output: number): Promise<string> {
    return this.tooltip(this.picture(id).locator('.red-ui-flow-port-output').nth(output));
  }

  /** Labels of the nodes on a tab that the editor takes for not properly configured. */
  async invalidNodes(tab: string): Promise<string[]> {
    return this.page.evaluate(
      z =>
        RED.nodes
          .filterNodes({ z })
          .filter(node => node.valid === false)
          .map(node => `${node.type}: ${node.validationErrors?.join(' ') ?? ''}`),
      tab,
    );
  }

  /** Where the wires of a node lead: per wire its output and the id of the other node. */
  async wires(id: string): Promise<{ output: number; to: string }[]> {
    return this.page.evaluate(
      source =>
        RED.nodes
          .filterLinks({ source: { id: source } })
          .map(link => ({ output: Number(link.sourcePort), to: link.target.id })),
      id,
    );
  }

  /**
   * Opens the dialog of a node on the workspace by click and Enter. A double click would be lost on a
   * page that is busy: the editor ignores a second click within the same millisecond.
   */
  async open(id: string): Promise<Dialog> {
    await this.picture(id).click();
    await this.page.keyboard.press('Enter');
    return Dialog.opened(this.page, 'node-input');
  }

  /** Presses the button of an inject node. */
  async press(id: string): Promise<void> {
    await this.picture(id).locator('.red-ui-flow-node-button-button').click();
  }

  /** Shows the help of a node type in the sidebar. */
  async help(type: string): Promise<Locator> {
    await this.page.evaluate(wanted => {
      RED.sidebar.help.show(wanted, true);
    }, type);
    // Under the name it has in the palette.
    const hasText = new RegExp(`^${type.replaceAll('-', '[- ]')}$`);
    const title = this.page.locator('.red-ui-help-title', { hasText });
    await title.waitFor();
    return this.page.locator('.red-ui-help').filter({ has: title }).locator('.red-ui-help');
  }

  async show(tab: string): Promise<void> {
    await this.page.evaluate(id => {
      RED.workspaces.show(id);
    }, tab);
  }

  /**
   * Deploys what has changed and waits until its nodes are there.
   * @returns the question that the editor asks instead, such as about nodes not properly configured
   */
  async deploy(): Promise<string | undefined> {
    await this.page.waitForFunction(() => RED.nodes.dirty());
    await this.page.locator('#red-ui-header-button-deploy').click();
    const { question } = await until(() =>
      this.page.evaluate(() => {
        const buttons = document.querySelector('.red-ui-notification .ui-dialog-buttonset');
        const asking = buttons?.closest<HTMLElement>('.red-ui-notification');
        if (asking) return { question: asking.innerText };
        return RED.nodes.dirty() ? undefined : {};
      }),
    );
    if (question === undefined) await this.started();
    return question;
  }

  /** The id of the node with a name on a tab. */
  async named(name: string, tab: string): Promise<string> {
    const id = await this.page.evaluate(
      wanted =>
        RED.nodes.filterNodes({ z: wanted.tab }).find(node => node.name === wanted.name)?.id,
      { name, tab },
    );
    if (id === undefined) throw new Error(`There is no node "${name}"`);
    return id;
  }

  /** The words below a node. */
  status(id: string): Locator {
    return this.picture(id).locator('.red-ui-flow-node-status-label', { hasText: /\S/ });
  }

  /** Keeps a picture of a part of the page, to be looked at, if somebody wants to; in any case the part has to be shown. */
  async shoot(name: string, part: Locator): Promise<void> {
    await part.waitFor();
    if (!TAKES_PICTURES) return;
    await part.screenshot({ path: picturePath(name), ...STILL });
  }

  /** Keeps a picture of the flow that is shown, if somebody wants to look at it. */
  async shootFlow(name: string): Promise<void> {
    if (!TAKES_PICTURES) return;
    const chart = await boxOf(this.page.locator('#red-ui-workspace-chart'));
    const ends = await this.page
      .locator('g.red-ui-flow-node-group, g.red-ui-flow-group')
      .evaluateAll(nodes =>
        nodes
          .map(node => node.getBoundingClientRect())
          .map(({ right, bottom }) => ({ right, bottom })),
      );
    const right = Math.max(...ends.map(end => end.right)) + MARGIN;
    const bottom = Math.max(...ends.map(end => end.bottom)) + MARGIN;
    const clip = { x: chart.x, y: chart.y, width: right - chart.x, height: bottom - chart.y };
    await this.page.screenshot({ path: picturePath(name), clip, ...STILL });
  }
}

function picturePath(name: string): string {
  return path.join(SCREENSHOTS, `${name}.png`);
}

async function boxOf(
  part: Locator,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await part.boundingBox();
  if (!box) throw new Error(`Not to be seen: ${String(part)}`);
  return box;
}
