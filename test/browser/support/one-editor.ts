import { chromium } from 'playwright-core';
import type { BrowserServer } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { ensureChromium } from '../../../scripts/ensure-chromium.mjs';
import { BROWSER_OPTIONS } from '../../../scripts/lib/browser.mjs';
import type { EditorOptions } from '../../../scripts/lib/browser.mjs';
import { startNodeRed } from '../../../scripts/lib/node-red.mjs';
import { fastClockEnv } from '../../support/fast-clock.mjs';
import { installPackage, providePackage } from '../../support/installed-package';
import { linkedUserDir } from '../../support/user-dir';

type Theme = NonNullable<EditorOptions['theme']>;

declare module 'vitest' {
  interface ProvidedContext {
    /** The one Node-RED and the one browser; null: there is no browser, and a message said so. */
    editor: {
      readonly nodeRedUrl: string;
      readonly browserEndpoint: string;
      readonly themes: readonly Theme[];
    } | null;
  }
}

/** How much faster Node-RED's clock goes: flows that are shown wait for their start and for others. */
const CLOCK = 4;

/** Starts what all browser tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void> | void> {
  const installed = await installPackage();
  providePackage(project, installed);
  const executablePath = await ensureChromium();
  if (executablePath === undefined) {
    project.provide('editor', null);
    return installed.remove;
  }
  const user = linkedUserDir(installed.userDir);
  const nodeRed = await startNodeRed({
    userDir: user.userDir,
    env: fastClockEnv(CLOCK),
    isLight: true,
  });
  const browser: BrowserServer = await chromium.launchServer({
    ...BROWSER_OPTIONS,
    executablePath,
  });
  project.provide('editor', {
    nodeRedUrl: nodeRed.url,
    browserEndpoint: browser.wsEndpoint(),
    themes: themesOf(nodeRed.version),
  });
  return async () => {
    await browser.close();
    await nodeRed.close();
    user.remove();
    installed.remove();
  };
}

/** Before Node-RED 5, the editor looks the same whatever theme is asked for. */
function themesOf(version: string): readonly Theme[] {
  return Number.parseInt(version, 10) < 5 ? ['light'] : ['light', 'dark'];
}
