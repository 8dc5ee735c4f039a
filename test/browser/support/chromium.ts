import type { TestProject } from 'vitest/node';
import { ensureChromium } from '../../../scripts/ensure-chromium.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The browser's program; null: there is none, and a message said so. */
    chromium: string | null;
  }
}

export default async function setup({ provide }: TestProject): Promise<void> {
  provide('chromium', (await ensureChromium()) ?? null);
}
