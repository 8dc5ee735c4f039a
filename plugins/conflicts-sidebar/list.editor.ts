import type { ReviewHead, ReviewPage } from '../../lib/review/desk';
import { button, make, showAnew, unseen } from './elements.editor';
import { keyText } from './key-text';
import type { Session } from './session.editor';
import { actionText, agoText, byText, reasonText } from './words.editor';

/** Records that are fetched at once. */
export const PAGE = 50;

/** The list itself: entries by record. Knows nothing of where they come from. */
export class EntryList {
  readonly element = make('div', { class: 'conflicts-list', onkeydown: arrows });
  private readonly records: HTMLOListElement;
  private readonly more = make('div', { class: 'conflicts-more' });

  constructor(
    private readonly session: Session,
    private readonly onOpen: (id: string) => void,
    private readonly onMore: () => void,
  ) {
    this.records = make('ol', {
      class: 'conflicts-records',
      'aria-label': session.t('conflicts-sidebar.label.list'),
    });
    this.element.append(this.records, this.more);
  }

  /** Shows the beginning of the list; the focus stays on the entry that had it. */
  show(page: ReviewPage): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.entry;
    const hadFocus = this.element.contains(document.activeElement);
    showAnew(this.records, ...page.records.map(record => this.record(record)));
    this.showMore(page);
    if (hadFocus && focused !== undefined) this.focus(focused);
  }

  /** Adds what follows. */
  append(page: ReviewPage): void {
    this.records.append(...page.records.map(record => this.record(record)));
    this.showMore(page);
  }

  /** Records that are shown. */
  get count(): number {
    return this.records.childElementCount;
  }

  /** Gives the focus to an entry, or where it is gone, to the first one. @returns whether there was any */
  focus(id: string): boolean {
    const entries = [...this.element.querySelectorAll<HTMLElement>('[data-entry]')];
    const entry = entries.find(({ dataset }) => dataset.entry === id) ?? entries[0];
    entry?.focus();
    return entry !== undefined;
  }

  private showMore({ totalRecords }: ReviewPage): void {
    const { t } = this.session;
    const left = totalRecords - this.count;
    this.more.replaceChildren(
      ...(left <= 0
        ? []
        : [
            button({
              label: t('conflicts-sidebar.button.more', { count: Math.min(left, PAGE) }),
              run: this.onMore,
            }),
          ]),
    );
  }

  private record({ record, heads }: ReviewPage['records'][number]): HTMLLIElement {
    const key = keyText(record.key);
    return make(
      'li',
      { class: 'conflicts-record' },
      make(
        'div',
        { class: 'conflicts-record-name' },
        make('span', { class: 'conflicts-key' }, key === '' ? this.unknownRecord() : key),
        make('span', { class: 'conflicts-type' }, record.type),
      ),
      ...heads.map(head => this.entry(head, key)),
    );
  }

  private unknownRecord(): string {
    return this.session.t('conflicts-sidebar.label.unknown-record');
  }

  private entry(head: ReviewHead, key: string): HTMLButtonElement {
    const { t } = this.session;
    const { id, outcome, fields, message, failures, updatedAt } = head;
    const about = fields.length > 0 ? fields.join(', ') : message;
    const times =
      failures > 1 ? ` · ${t('conflicts-sidebar.label.failures', { count: failures })}` : '';
    const open = (): void => {
      this.onOpen(id);
    };
    return make(
      'button',
      { type: 'button', class: 'conflicts-entry', 'data-entry': id, onclick: open },
      unseen(`${key} `),
      make(
        'span',
        { class: `conflicts-reason conflicts-reason-${outcome}` },
        reasonText(t, outcome),
      ),
      make('span', { class: 'conflicts-about' }, about),
      make('span', { class: 'conflicts-when' }, agoText(this.session, updatedAt) + times),
      this.note(head),
    );
  }

  /** That somebody works on it, or how it was settled. */
  private note({ claim, settled }: ReviewHead): HTMLElement | undefined {
    const { t } = this.session;
    const text = settled
      ? t('conflicts-sidebar.label.settled', {
          who: byText(t, settled.by),
          what: actionText(t, settled.action),
        })
      : claim && t('conflicts-sidebar.label.claimed', { who: byText(t, claim.by) });
    return text === undefined ? undefined : make('span', { class: 'conflicts-note' }, text);
  }
}

/** Up and down go from entry to entry. */
function arrows(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.currentTarget as HTMLElement;
  if (step === undefined) return;
  const entries = [...list.querySelectorAll<HTMLElement>('[data-entry]')];
  const at = entries.indexOf(event.target as HTMLElement);
  const next = entries[at + step];
  if (at < 0 || next === undefined) return;
  next.focus();
  event.preventDefault();
}
