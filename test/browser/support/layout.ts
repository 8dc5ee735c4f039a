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
  const way = await form.evaluateHandle(element => {
    const fields = element.querySelectorAll<HTMLElement>('input, select, summary');
    const shown = [...fields].filter(field => field.checkVisibility());
    const reached = new Set<EventTarget | null>();
    element.addEventListener('focusin', ({ target }) => reached.add(target));
    shown[0]?.focus();
    reached.add(document.activeElement);
    return { shown, reached };
  });
  const missing = (): Promise<string[]> =>
    way.evaluate(({ shown, reached }) =>
      shown.filter(field => !reached.has(field)).map(field => field.outerHTML),
    );
  let left = await missing();
  // Besides the fields there are their buttons, at most two each.
  for (let most = left.length * 3; most > 0 && left.length > 0;) {
    // So many at least. To ask after each of them would take as long once more.
    const presses = Math.min(left.length, most);
    for (let press = 0; press < presses; press += 1) await page.keyboard.press('Tab');
    most -= presses;
    left = await missing();
  }
  await way.dispose();
  return left;
}
