import { translator } from '../../nodes/shared/editor/translate';
import { askHome } from './client.editor';
import { choose, make } from './elements.editor';
import { RatesView } from './rates.editor';
import { ReviewView } from './review-view.editor';
import { faultText, type Session } from './session.editor';
import { COUNTS_TOPIC, type HomeAnswer, type LiveCounts } from './shapes';
import { numberText } from './words.editor';

type TabName = 'review' | 'rates';

/** The whole sidebar: what waits for a decision, and the rates. */
export class Panel {
  private readonly session: Session;
  private readonly spoken = make('div', { class: 'conflicts-unseen', 'aria-live': 'polite' });
  private readonly lists = make('div', { class: 'conflicts-lists' });
  private readonly review = make('div', { class: 'conflicts-tab', role: 'tabpanel' });
  private readonly rates: RatesView;
  private readonly tabs: Readonly<Record<TabName, HTMLButtonElement>>;
  private readonly panels: Readonly<Record<TabName, HTMLElement>>;
  private home: HomeAnswer | undefined;
  private chosen: string | undefined;
  private view: ReviewView | undefined;
  private live: LiveCounts | undefined;

  constructor(private readonly content: HTMLElement) {
    const t = translator('conflicts-sidebar');
    const say = (text: string): void => {
      this.spoken.textContent = text;
    };
    this.session = { t, say, language: RED.i18n.lang() };
    this.rates = new RatesView(this.session);
    this.tabs = {
      review: this.tab('review', t('conflicts-sidebar.label.review')),
      rates: this.tab('rates', t('conflicts-sidebar.label.rates')),
    };
    this.panels = { review: this.review, rates: this.rates.element };
    for (const [name, panel] of Object.entries(this.panels)) {
      panel.id = `conflicts-panel-${name}`;
      panel.setAttribute('aria-labelledby', `conflicts-tab-${name}`);
    }
    const tabs = make(
      'div',
      { class: 'conflicts-tabs', role: 'tablist', 'aria-label': t('conflicts-sidebar.label.tab') },
      this.tabs.review,
      this.tabs.rates,
    );
    this.content.append(tabs, this.review, this.rates.element, this.spoken);
    this.show('review');
  }

  async start(): Promise<void> {
    RED.comms.subscribe(COUNTS_TOPIC, (_topic, data) => {
      this.counted(data as LiveCounts);
    });
    RED.comms.on('connect', () => void this.load());
    await this.load();
  }

  private async load(): Promise<void> {
    try {
      this.home = await askHome();
      this.showLists(this.home);
    } catch (fault) {
      this.view = undefined;
      this.review.replaceChildren(
        make('p', { class: 'conflicts-empty', role: 'alert' }, faultText(this.session, fault)),
      );
    }
  }

  /** Keeps the list that is shown, as long as it is there. */
  private showLists({ lists, mayReview }: HomeAnswer): void {
    const { t } = this.session;
    const list = lists.find(({ id }) => id === this.chosen) ?? lists[0];
    const choice =
      lists.length < 2
        ? []
        : [
            choose(
              t('conflicts-sidebar.label.lists'),
              lists.map(({ id, name, counts }) => ({
                value: id,
                label: `${name || id} (${counts === undefined ? '?' : String(counts.open)})`,
              })),
              list?.id ?? '',
              id => {
                this.chosen = id;
                this.view = undefined;
                void this.load();
              },
            ),
          ];
    this.lists.replaceChildren(...choice);
    if (list === undefined) {
      this.view = undefined;
      this.review.replaceChildren(
        make('p', { class: 'conflicts-empty' }, t('conflicts-sidebar.answer.no-list')),
      );
    } else if (this.view === undefined || list.id !== this.chosen) {
      this.chosen = list.id;
      this.view = new ReviewView(this.session, list.id, mayReview);
      this.review.replaceChildren(this.lists, this.view.element);
      void this.view.load();
    } else void this.view.refresh(false);
  }

  private counted(live: LiveCounts): void {
    const before = this.live;
    this.live = live;
    this.showCount(live.open);
    this.rates.counted(live);
    if (before?.turn === live.turn) return;
    if (this.home?.lists.length === 0 || this.view === undefined) void this.load();
    else void this.view.refresh(live.bulkTotal > 0 || (before?.bulkTotal ?? 0) > 0);
  }

  private showCount(open: number): void {
    const { t } = this.session;
    const count = open === 0 ? '' : ` (${numberText(this.session, open)})`;
    this.tabs.review.textContent = t('conflicts-sidebar.label.review') + count;
  }

  private tab(name: TabName, label: string): HTMLButtonElement {
    const tab = make(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `conflicts-tab-${name}`,
        'aria-controls': `conflicts-panel-${name}`,
        onclick: () => {
          this.show(name);
        },
      },
      label,
    );
    tab.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
      const other = name === 'review' ? 'rates' : 'review';
      this.show(other);
      this.tabs[other].focus();
    });
    return tab;
  }

  private show(name: TabName): void {
    for (const [other, tab] of Object.entries(this.tabs)) {
      tab.setAttribute('aria-selected', String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      this.panels[other as TabName].hidden = other !== name;
    }
    if (name === 'rates') void this.rates.load();
  }
}
