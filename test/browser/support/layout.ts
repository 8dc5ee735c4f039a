import type { Dialog } from './dialog';

/** The narrowest tray that must do, in pixels. */
const NARROW = 400;

/** What sticks out of a form in a narrow tray, or is cut off in it, as texts for people. */
export async function overflowing({ form }: Pick<Dialog, 'form'>): Promise<string[]> {
  // In one step: the editor itself sets the width of a tray, too.
  return form.evaluate((element, width) => {
    const tray = element.closest<HTMLElement>('.red-ui-tray');
    if (tray === null) throw new Error('It is in no tray');
    tray.style.width = `${String(width)}px`;
    // The editor itself lets a tray's content never get narrower than 460 pixels.
    const body = tray.querySelector<HTMLElement>('.red-ui-tray-body');
    if (body) body.style.minWidth = '0';
    const edges = element.getBoundingClientRect();
    const visible = [...element.querySelectorAll<HTMLElement>('*')].filter(part =>
      part.checkVisibility(),
    );
    const outside = visible.filter(part => {
      const { left, right } = part.getBoundingClientRect();
      return right > edges.right + 1 || left < edges.left - 1;
    });
    const cut = visible.filter(
      part =>
        part.matches('label, button, summary, span, div') &&
        part.scrollWidth > part.clientWidth + 1 &&
        part.clientWidth > 0,
    );
    return [
      ...outside.map(part => `outside: ${part.outerHTML}`),
      ...cut.map(part => `cut off: ${part.outerHTML}`),
    ];
  }, NARROW);
}

/** The fields that Tab does not reach from the first one on. */
export async function unreachableByTab({ page, form }: Dialog): Promise<string[]> {
  const wanted = await form.evaluate(element => {
    const fields = element.querySelectorAll<HTMLElement>('input, select, summary');
    const shown = [...fields].filter(field => field.checkVisibility());
    shown.forEach((field, index) => (field.dataset.tabTest = String(index)));
    shown[0]?.focus();
    return shown.map(field => field.outerHTML);
  });
  const reached = new Set<string>();
  const focused = (): Promise<string | undefined> =>
    form.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.tabTest);
  // Besides the fields there are their buttons, at most two each.
  for (let step = 0; step < wanted.length * 3 && reached.size < wanted.length; step += 1) {
    const index = await focused();
    if (index !== undefined) reached.add(index);
    await page.keyboard.press('Tab');
  }
  return wanted.filter((_, index) => !reached.has(String(index)));
}
