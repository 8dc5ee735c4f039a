import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ensureChromium } from '../../scripts/ensure-chromium.mjs';
import { launchBrowser, openPage, showEditor } from '../../scripts/lib/browser.mjs';
import { startNodeRed } from '../../scripts/lib/node-red.mjs';
import { UPDATE_DEFAULTS } from '../../nodes/conditional-update/config';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { linkPackage } from '../support/link-package';
import { ROOT } from '../support/paths';
import { startServer } from '../support/server';
import { rounded } from '../support/statistics';
import type { Plan } from './plan';

/** From the key that opens a list until a name stands in it, in a browser. Milliseconds. */
export interface PickerFigures {
  /** Record sets, read from the API. */
  readonly firstMs: number;
  /** Fields of one table, after the page was loaded anew: nothing of the description is at hand. */
  readonly fieldsMs: number;
  /** Record sets after the page was loaded anew, from the browser's database. */
  readonly cachedMs: number;
}

const APIS = {
  v4: { family: 'odata', path: '/api/data/v9.0' },
  v2: { family: 'sap-gateway', path: '/sap/opu/odata/sap/API_SALES_ORDER_SRV' },
  dataverse: { family: 'dataverse', path: '/api/data/v9.0' },
} as const;
type Api = keyof typeof APIS;

/** Undefined: the plan has no sets, or there is no browser, which a message said. */
export async function measurePickers({
  describedSets,
}: Plan): Promise<Readonly<Record<Api, PickerFigures>> | undefined> {
  const executablePath = describedSets === 0 ? undefined : await ensureChromium();
  if (executablePath === undefined) return undefined;
  const userDir = mkdtempSync(join(tmpdir(), 'record-updates-pickers-'));
  linkPackage(userDir, ROOT);
  const server = await startServer('--described-sets', String(describedSets));
  const nodeRed = await startNodeRed({ userDir, flows: flows(server.url) });
  const browser = await launchBrowser(executablePath);
  try {
    const { page } = await openPage(browser);
    const figures: [Api, PickerFigures][] = [];
    for (const api of Object.keys(APIS) as Api[]) {
      figures.push([api, await measured(page, nodeRed.url, api)]);
    }
    return Object.fromEntries(figures) as Record<Api, PickerFigures>;
  } finally {
    await browser.close();
    await nodeRed.close();
    await server.close();
    rmSync(userDir, { recursive: true, force: true });
  }
}

function flows(url: string): readonly object[] {
  const nodes = (Object.keys(APIS) as Api[]).flatMap((api, index) => {
    const { family, path } = APIS[api];
    const endpoint: RecordEndpointConfig = {
      ...ENDPOINT_DEFAULTS,
      server: 'url',
      family,
      baseUrl: url + path,
    };
    const place = { z: 'tab', x: 300, y: 100 + 80 * index, wires: [[], []] };
    return [
      { ...endpoint, id: `endpoint-${api}`, type: 'record-endpoint' },
      {
        ...UPDATE_DEFAULTS,
        ...place,
        id: api,
        type: 'conditional-update',
        endpoint: `endpoint-${api}`,
        collection: 'Invoice0000Set',
      },
    ];
  });
  return [{ id: 'tab', type: 'tab', label: 'bench' }, ...nodes];
}

const SETS = '#node-input-collection + .red-ui-typedInput-container input.red-ui-typedInput-input';
const FIELDS = '#node-input-guards';

async function measured(page: Page, url: string, api: Api): Promise<PickerFigures> {
  await opened(page, url, api);
  const firstMs = await listed(page, SETS);
  await opened(page, url, api);
  const fieldsMs = await listed(page, FIELDS);
  const cachedMs = await listed(page, SETS);
  return {
    firstMs: rounded(firstMs, 0),
    fieldsMs: rounded(fieldsMs, 0),
    cachedMs: rounded(cachedMs, 0),
  };
}

/** The dialog of a node, on a page that was loaded anew. */
async function opened(page: Page, url: string, node: string): Promise<void> {
  await showEditor(page, url);
  await page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(node)}))`);
  await page.locator(SETS).waitFor();
  await page.locator('.red-ui-tray details').evaluateAll((sections: HTMLDetailsElement[]) => {
    for (const section of sections) section.open = true;
  });
  await page.locator(FIELDS).waitFor();
}

async function listed(page: Page, field: string): Promise<number> {
  const input = page.locator(field);
  await input.focus();
  const took = await input.evaluate(async (element: HTMLInputElement) => {
    const startedAt = performance.now();
    element.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    while (document.querySelector('.record-updates-pick-option') === null) {
      await new Promise(resolve => setTimeout(resolve));
    }
    return performance.now() - startedAt;
  });
  await page.keyboard.press('Escape');
  await page.locator('.record-updates-pick').waitFor({ state: 'detached' });
  return took;
}
