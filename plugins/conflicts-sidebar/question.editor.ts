import { button, focusOn, make } from './elements.editor';
import type { Session } from './session.editor';

export interface Question {
  readonly title: string;
  /** What it is about: a sentence, a list, fields to fill in. */
  readonly body?: readonly (Node | string)[];
  readonly confirm: string;
  /** Field that has the focus first; default: the title. */
  readonly first?: HTMLElement;
  /** @returns what is still missing, in words; undefined: it can go */
  readonly check?: () => string | undefined;
  readonly run: () => void;
  readonly onCancel: () => void;
}

/** A question where the buttons were: nothing lies over anything, so it works in the narrowest sidebar. */
export function askInPlace({ t, say }: Session, question: Question): HTMLElement {
  const title = make('h4', {}, question.title);
  const fault = make('p', { class: 'conflicts-fault', role: 'alert' });
  const confirm = (): void => {
    const missing = question.check?.();
    fault.textContent = missing ?? '';
    if (missing === undefined) question.run();
  };
  const box = make(
    'form',
    { class: 'conflicts-question', 'aria-label': question.title },
    title,
    ...(question.body ?? []),
    fault,
    make(
      'div',
      { class: 'conflicts-buttons' },
      make(
        'button',
        { type: 'submit', class: 'red-ui-button red-ui-button-small primary' },
        question.confirm,
      ),
      button({ label: t('conflicts-sidebar.button.cancel'), run: question.onCancel }),
    ),
  );
  box.addEventListener('submit', event => {
    event.preventDefault();
    confirm();
  });
  box.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    question.onCancel();
  });
  say(question.title);
  // Once it is in the page.
  queueMicrotask(() => {
    focusOn(question.first ?? title);
  });
  return box;
}
