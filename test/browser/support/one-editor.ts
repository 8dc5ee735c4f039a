import type { TestProject } from 'vitest/node';
import { ensureChromium } from '../../../scripts/ensure-chromium.mjs';
import type { EditorOptions } from '../../../scripts/lib/browser.mjs';
import { startNodeRed } from '../../../scripts/lib/node-red.mjs';
import { fastClockEnv } from '../../support/fast-clock.mjs';
import { installPackage, providePackage } from '../../support/installed-package';
import { linkedUserDir } from '../../support/user-dir';

type Theme = NonNullable<EditorOptions['theme']>;

declare module 'vitest' {
  interface ProvidedContext {
    /** The one Node-RED, and the program of the browser; null: there is none, and a message said so. */
    editor: {
      readonly nodeRedUrl: string;
      readonly chromium: string;
      readonly themes: readonly Theme[];
    } | null;
  }
}

/** How much faster Node-RED's clock goes: flows that are shown wait for their start and for others. */
const CLOCK = 4;

/** Starts what all browser tests share, but for the browser: one-browser.ts. */
export default async function setup(project: TestProject): Promise<() => Promise<void> | void> {
  const installed = await installPackage();
  providePackage(project, installed);
  const chromium = await ensureChromium();
  if (chromium === undefined) {
    project.provide('editor', null);
    return installed.remove;
  }
  const user = linkedUserDir(installed.userDir);
  const nodeRed = await startNodeRed({
    userDir: user.userDir,
    env: fastClockEnv(CLOCK),
    isLight: true,
  });
  project.provide('editor', {
    nodeRedUrl: nodeRed.url,
    chromium,
    themes: themesOf(nodeRed.version),
  });
  return async () => {
    await nodeRed.close();
    user.remove();
    installed.remove();
  };
}

/** Before Node-RED 5, the editor looks the same whatever theme is asked for. */
function themesOf(version: string): readonly Theme[] {
  return Number.parseInt(version, 10) < 5 ? ['light'] : ['light', 'dark'];
}
