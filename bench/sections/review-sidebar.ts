import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DEAD_LETTER_DEFAULTS } from '../../nodes/dead-letter/config';
import { STORE_DEFAULTS } from '../../nodes/record-store/config';
import { ensureChromium } from '../../scripts/ensure-chromium.mjs';
import { launchBrowser, openPage, showEditor } from '../../scripts/lib/browser.mjs';
import { startNodeRed } from '../../scripts/lib/node-red.mjs';
import { ON_TAB } from '../drivers/record-nodes';
import { fillLetters, journalStore, openLetters } from '../support/dead-letters';
import { linkPackage } from '../support/link-package';
import { ROOT } from '../support/paths';
import { median, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** The Conflicts sidebar in a browser, beside a Node-RED of its own with as many dead letters. Milliseconds. */
export interface ReviewSidebarFigures {
  /** From the wish to see it, the first one since the editor was opened, to the painted list. */
  readonly firstPaintMs: number;
  /** From the last letter that is typed to the painted list. */
  readonly searchMs: number;
}

const FLOWS = [
  { id: 'tab', type: 'tab', label: 'bench' },
  { ...STORE_DEFAULTS, id: 'store', type: 'record-store' },
  {
    ...DEAD_LETTER_DEFAULTS,
    ...ON_TAB,
    id: 'letters',
    type: 'dead-letter',
    store: 'store',
    limit: 100_000,
    wires: [[], [], []],
  },
];

/** Undefined: there is no browser on this machine. */
export async function measureReviewSidebar(plan: Plan): Promise<ReviewSidebarFigures | undefined> {
  const chromium = await ensureChromium();
  if (chromium === undefined) return undefined;
  const userDir = mkdtempSync(join(tmpdir(), 'record-updates-bench-'));
  try {
    await fill(userDir, plan.reviewEntries);
    linkPackage(userDir, ROOT);
    const nodeRed = await startNodeRed({ userDir, flows: FLOWS });
    const browser = await launchBrowser(chromium);
    try {
      const { page } = await openPage(browser);
      return await measureOn(page, nodeRed.url, plan);
    } finally {
      await browser.close();
      await nodeRed.close();
    }
  } finally {
    rmSync(userDir, { recursive: true, force: true });
  }
}

/** Where the store above looks for the list of the node above. */
async function fill(userDir: string, entries: number): Promise<void> {
  const file = join(userDir, 'record-updates', 'store.letters.dead-letters.journal');
  const opened = openLetters(await journalStore(file), entries);
  await fillLetters(opened, entries);
  await opened.close();
}

async function measureOn(
  page: Page,
  url: string,
  { reviewEntries, rounds }: Plan,
): Promise<ReviewSidebarFigures> {
  const paints: number[] = [];
  const searches: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await showEditor(page, url);
    paints.push(await untilPainted(page, { action: 'record-updates:show-conflicts' }));
    const text = `order ${String(reviewEntries - round - 1)} `;
    searches.push(await untilPainted(page, { text }));
  }
  return {
    firstPaintMs: rounded(median(paints), 1),
    searchMs: rounded(median(searches), 1),
  };
}

/** What somebody does: shows the sidebar, or searches for a text that one entry has. */
interface Doing {
  readonly action?: string;
  readonly text?: string;
}

/** Milliseconds until the list that comes of it is painted. */
function untilPainted(page: Page, doing: Doing): Promise<number> {
  return page.evaluate(
    ({ action, text }) =>
      new Promise<number>(resolve => {
        const { RED } = globalThis as unknown as {
          RED: { actions: { invoke(name: string): void } };
        };
        const isThere = (): boolean => {
          const shown = document.querySelectorAll('.conflicts-entry').length;
          return text === undefined ? shown > 0 : shown === 1;
        };
        const startedAt = performance.now();
        if (action !== undefined) RED.actions.invoke(action);
        const input = document.querySelector<HTMLInputElement>('.conflicts-review input');
        if (text !== undefined && input !== null) {
          input.value = text;
          input.dispatchEvent(new Event('input'));
        }
        // A frame is asked for before it is painted; what is queued in it runs after that.
        const look = (): void => {
          if (!isThere()) requestAnimationFrame(look);
          else
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - startedAt)));
        };
        look();
      }),
    doing,
  );
}
