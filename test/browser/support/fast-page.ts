import type { Page } from 'playwright-core';

/** How much faster the editor's own time goes in the tests. */
const RATE = 10;

/** As far as this needs it. */
interface JQuery {
  readonly fx: { off: boolean };
}

/**
 * Lets the page's timers and animations go faster: most of what a test waits for in the editor is a
 * dialog that slides in. Short delays stay, for with them the editor puts things into their order.
 * What jQuery moves is in its place at once, for a click may miss what is on its way.
 */
export async function speedUp(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: RATE });
  await page.addInitScript(rate => {
    const setTimeout = window.setTimeout.bind(window);
    const shortened = (ms = 0): number => (ms > 20 ? ms / rate : ms);
    window.setTimeout = ((run: () => void, ms?: number, ...args: []) =>
      setTimeout(run, shortened(ms), ...args)) as typeof window.setTimeout;
    let jQuery: JQuery | undefined;
    Object.defineProperty(window, 'jQuery', {
      configurable: true,
      get: () => jQuery,
      set: (loaded: JQuery) => {
        jQuery = loaded;
        jQuery.fx.off = true;
      },
    });
  }, RATE);
}
