import type { ReviewPage } from '../../lib/review/desk';
import { BulkView } from './bulk.editor';
import { ListClient } from './client.editor';
import { button, make } from './elements.editor';
import { EntryView } from './entry.editor';
import { Filters } from './filters.editor';
import { EntryList, PAGE } from './list.editor';
import { faultText, type Session } from './session.editor';
import { numberText } from './words.editor';

/** One list of dead letters: the list, and in its place the entry that is opened. */
export class ReviewView {
  readonly element = make('div', { class: 'conflicts-review' });
  private readonly client: ListClient;
  private readonly filters: Filters;
  private readonly bulk: BulkView;
  private readonly list: EntryList;
  private readonly summary = make('p', { class: 'conflicts-summary', role: 'status' });
  private readonly whole = make('div', { class: 'conflicts-whole' });
  private opened: EntryView | undefined;
  /** Of the latest request: an answer that comes later than another one's is of no use. */
  private asked = 0;
  private isSearching = false;
  /** Something else was typed since the search under way began. */
  private isBehind = false;

  constructor(
    private readonly session: Session,
    id: string,
    private readonly mayReview: boolean,
  ) {
    this.client = new ListClient(id);
    const reload = (): void => void this.load();
    this.filters = new Filters(session, reload);
    this.bulk = new BulkView(session, this.client, () => this.filters.filter(), reload);
    this.list = new EntryList(
      session,
      entry => void this.open(entry),
      () => void this.more(),
    );
    this.whole.append(
      this.bar(),
      this.filters.element,
      this.bulk.element,
      this.summary,
      this.list.element,
    );
    this.element.append(this.whole);
  }

  /** The beginning of the list as it is now. */
  async load(): Promise<void> {
    const most = Math.min(200, Math.max(PAGE, this.list.count));
    await this.ask({ skip: 0, most }, page => {
      this.list.show(page);
      this.filters.offer(page.choices);
      this.summary.replaceChildren(this.summaryText(page));
    });
  }

  /** Something has changed, here or by somebody else. */
  async refresh(isBulk: boolean): Promise<void> {
    await Promise.all([
      this.load(),
      this.opened?.refresh(),
      isBulk || !this.bulk.element.hidden ? this.bulk.refresh() : undefined,
    ]);
  }

  private async more(): Promise<void> {
    await this.ask({ skip: this.list.count, most: PAGE }, page => {
      this.list.append(page);
    });
  }

  private async ask(
    part: { skip: number; most: number },
    show: (page: ReviewPage) => void,
  ): Promise<void> {
    const number = (this.asked += 1);
    try {
      const page = await this.client.list({ ...this.filters.filter(), ...part });
      if (number === this.asked) show(page);
    } catch (fault) {
      if (number === this.asked) this.summary.textContent = faultText(this.session, fault);
    }
  }

  /** One at a time, however fast somebody types: the last one is of what is typed in the end. */
  private async search(): Promise<void> {
    this.isBehind = true;
    if (this.isSearching) return;
    this.isSearching = true;
    while (this.isBehind) {
      this.isBehind = false;
      await this.load();
    }
    this.isSearching = false;
  }

  private summaryText({ totalEntries, totalRecords }: ReviewPage): string {
    const { t } = this.session;
    if (totalEntries === 0) {
      return t(`conflicts-sidebar.answer.${this.filters.isNarrow ? 'none-found' : 'none'}`);
    }
    return t('conflicts-sidebar.answer.found', {
      count: totalEntries,
      entries: numberText(this.session, totalEntries),
      records: numberText(this.session, totalRecords),
    });
  }

  private bar(): HTMLElement {
    const { t } = this.session;
    const search = make('input', {
      type: 'search',
      placeholder: t('conflicts-sidebar.placeholder.search'),
      'aria-label': t('conflicts-sidebar.placeholder.search'),
    });
    search.addEventListener('input', () => {
      this.filters.search = search.value.trim();
      void this.search();
    });
    const { element } = this.filters;
    const filter = button({
      label: t('conflicts-sidebar.button.filter'),
      icon: 'filter',
      isBare: true,
      run: () => {
        element.hidden = !element.hidden;
        filter.setAttribute('aria-expanded', String(!element.hidden));
      },
    });
    filter.setAttribute('aria-expanded', 'false');
    const many = button({
      label: t('conflicts-sidebar.button.many'),
      icon: 'tasks',
      isBare: true,
      run: () => {
        this.bulk.toggle();
      },
    });
    const csv = button({
      label: t('conflicts-sidebar.button.csv'),
      icon: 'download',
      isBare: true,
      run: () => void this.download(),
    });
    return make(
      'div',
      { class: 'conflicts-bar' },
      search,
      filter,
      this.mayReview ? many : undefined,
      csv,
    );
  }

  private async download(): Promise<void> {
    try {
      const url = URL.createObjectURL(await this.client.csv(this.filters.filter()));
      make('a', { href: url, download: 'conflicts.csv' }).click();
      setTimeout(() => {
        URL.revokeObjectURL(url);
      }, 10_000);
    } catch (fault) {
      this.summary.textContent = faultText(this.session, fault);
    }
  }

  private async open(id: string): Promise<void> {
    this.opened?.close();
    const view = new EntryView(this.session, this.client, id, {
      mayReview: this.mayReview,
      onBack: (entry, gone) => void this.back(entry, gone),
    });
    this.opened = view;
    this.whole.hidden = true;
    this.element.append(view.element);
    await view.open();
  }

  private async back(id: string, gone: boolean): Promise<void> {
    this.opened?.element.remove();
    this.opened = undefined;
    this.whole.hidden = false;
    if (gone) await this.load();
    if (!this.list.focus(id)) this.whole.querySelector('input')?.focus();
  }
}
