import type { Rates } from '../../lib/monitor/counts';
import type { MonitorReport } from '../../lib/monitor/report';
import { askMonitors, askReport, type MonitoredEndpoint } from './client.editor';
import { button, choose, make } from './elements.editor';
import { heatMap } from './heat-map.editor';
import { faultText, type Session } from './session.editor';
import type { LiveCounts } from './shapes';
import { numberText, shareText } from './words.editor';

const DAYS = [1, 7, 30, 90];
/** Writers that are named. */
const MOST_WRITERS = 5;

/** How many updates meet a conflict: now, over days, by record type, by hour of the week; and who competes. */
export class RatesView {
  readonly element = make('div', { class: 'conflicts-tab conflicts-rates', role: 'tabpanel' });
  private readonly live = make('p', { class: 'conflicts-live' });
  private readonly choices = make('div', { class: 'conflicts-filters' });
  private readonly report = make('div');
  private endpoints: readonly MonitoredEndpoint[] = [];
  private endpoint = '';
  private type = '';
  private days = 30;
  private asked = 0;

  constructor(private readonly session: Session) {
    this.element.append(this.live, this.choices, this.report);
  }

  /** Numbers of the last minutes, which come by themselves. */
  counted({ updates, conflicts, open, toReconcile }: LiveCounts): void {
    const { t } = this.session;
    const number = (value: number): string => numberText(this.session, value);
    const rate = shareText(this.session, updates === 0 ? undefined : conflicts / updates);
    this.live.replaceChildren(
      make('strong', {}, t('conflicts-sidebar.label.live', { rate })),
      t('conflicts-sidebar.answer.live', {
        updates: number(updates),
        conflicts: number(conflicts),
        open: number(open),
        records: number(toReconcile),
      }),
    );
  }

  async load(): Promise<void> {
    const number = (this.asked += 1);
    try {
      this.endpoints = await askMonitors();
      const endpoint = this.endpoints.find(({ id }) => id === this.endpoint) ?? this.endpoints[0];
      if (endpoint === undefined) {
        this.tell(this.session.t('conflicts-sidebar.answer.no-endpoint'));
        return;
      }
      this.endpoint = endpoint.id;
      this.showChoices(endpoint);
      const report = await askReport(endpoint.id, {
        type: this.type === '' ? undefined : this.type,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        days: this.days,
      });
      if (number === this.asked) this.show(report);
    } catch (fault) {
      if (number === this.asked) this.tell(faultText(this.session, fault));
    }
  }

  private tell(text: string): void {
    this.choices.replaceChildren();
    this.report.replaceChildren(make('p', { class: 'conflicts-empty', role: 'status' }, text));
  }

  private showChoices({ types }: MonitoredEndpoint): void {
    const { t } = this.session;
    const reload = (change: () => void): void => {
      change();
      void this.load();
    };
    const all = { value: '', label: t('conflicts-sidebar.option.all-types') };
    this.choices.replaceChildren(
      choose(
        t('conflicts-sidebar.label.endpoint'),
        this.endpoints.map(({ id, name }) => ({ value: id, label: name || id })),
        this.endpoint,
        id => {
          reload(() => {
            this.endpoint = id;
            this.type = '';
          });
        },
      ),
      choose(
        t('conflicts-sidebar.label.type'),
        [all, ...types.map(type => ({ value: type, label: type }))],
        this.type,
        type => {
          reload(() => (this.type = type));
        },
      ),
      choose(
        t('conflicts-sidebar.label.period'),
        DAYS.map(days => ({
          value: String(days),
          label: t('conflicts-sidebar.option.days', { count: days }),
        })),
        String(this.days),
        days => {
          reload(() => (this.days = Number(days)));
        },
      ),
      button({
        label: t('conflicts-sidebar.button.refresh'),
        icon: 'refresh',
        isBare: true,
        run: () => void this.load(),
      }),
    );
  }

  private show(report: MonitorReport): void {
    const { t } = this.session;
    const { live, total, heatMap: cells, unavailable } = report;
    this.report.replaceChildren(
      ...(unavailable === undefined
        ? []
        : [make('p', { class: 'conflicts-notice', role: 'alert' }, unavailable)]),
      this.numbers([
        [t('conflicts-sidebar.label.last-minutes'), live.minutes],
        [t('conflicts-sidebar.label.last-hour'), live.hour],
        [t('conflicts-sidebar.option.days', { count: this.days }), total],
      ]),
      make('h4', {}, t('conflicts-sidebar.label.heat-map')),
      heatMap(this.session, cells),
      make('h4', {}, t('conflicts-sidebar.label.by-type')),
      this.types(report),
      make('h4', {}, t('conflicts-sidebar.label.writers')),
      this.writers(report),
    );
  }

  private numbers(columns: readonly (readonly [string, Rates])[]): HTMLTableElement {
    const { t } = this.session;
    const rows: readonly (readonly [string, (rates: Rates) => string])[] = [
      [t('conflicts-sidebar.label.updates'), ({ updates }) => this.number(updates)],
      [t('conflicts-sidebar.label.conflict-rate'), rates => this.share(rates.conflictRate)],
      [t('conflicts-sidebar.label.noise-rate'), rates => this.share(rates.noiseRate)],
      [t('conflicts-sidebar.label.permanent'), rates => this.number(rates.permanent)],
      [t('conflicts-sidebar.label.retry-success'), rates => this.share(rates.retrySuccess)],
      [t('conflicts-sidebar.label.retries'), rates => this.decimal(rates.retriesPerSuccess)],
      [t('conflicts-sidebar.label.median'), rates => this.duration(rates.medianMs)],
      [t('conflicts-sidebar.label.p95'), rates => this.duration(rates.p95Ms)],
    ];
    return make(
      'table',
      { class: 'conflicts-numbers' },
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          make('td', {}),
          ...columns.map(([name]) => make('th', { scope: 'col' }, name)),
        ),
      ),
      make(
        'tbody',
        {},
        ...rows.map(([name, text]) =>
          make(
            'tr',
            {},
            make('th', { scope: 'row' }, name),
            ...columns.map(([, rates]) => make('td', {}, text(rates))),
          ),
        ),
      ),
    );
  }

  private types({ byType }: MonitorReport): HTMLElement {
    return this.bars(
      byType.map(({ type, rates }) => ({
        name: type,
        share: rates.conflictRate ?? 0,
        text: `${this.share(rates.conflictRate)} · ${this.number(rates.updates)}`,
      })),
    );
  }

  /** Who competes, and at which hour most. */
  private writers({ writers, writersByHour }: MonitorReport): HTMLElement {
    const { t } = this.session;
    if (writers.length === 0) return make('p', {}, t('conflicts-sidebar.tip.writers'));
    const most = Math.max(...writers.map(({ count }) => count));
    const peakOf = (name: string): number => {
      const counts = writersByHour.map(
        hour => hour.find(({ writer }) => writer === name)?.count ?? 0,
      );
      return counts.indexOf(Math.max(...counts));
    };
    return this.bars(
      writers.slice(0, MOST_WRITERS).map(({ writer, count }) => ({
        name: writer,
        share: count / most,
        text: t('conflicts-sidebar.label.writer-peak', {
          number: this.number(count),
          hour: `${String(peakOf(writer))}:00`,
        }),
      })),
    );
  }

  private bars(rows: readonly { name: string; share: number; text: string }[]): HTMLElement {
    return make(
      'ul',
      { class: 'conflicts-bars' },
      ...rows.map(({ name, share, text }) => {
        const bar = make('span', { class: 'conflicts-bar-fill' });
        bar.style.width = `${String(Math.round(share * 100))}%`;
        return make(
          'li',
          {},
          make('span', { class: 'conflicts-bar-name' }, name),
          make('span', { class: 'conflicts-bar-text' }, text),
          make('span', { class: 'conflicts-bar-track', 'aria-hidden': 'true' }, bar),
        );
      }),
    );
  }

  private number(value: number): string {
    return numberText(this.session, value);
  }

  private share(value: number | undefined): string {
    return shareText(this.session, value);
  }

  private decimal(value: number | undefined): string {
    return value === undefined ? '–' : numberText(this.session, value, 2);
  }

  /** Upper bound of the bucket; null: above the last one. */
  private duration(ms: number | null | undefined): string {
    if (ms === undefined) return '–';
    if (ms === null || !Number.isFinite(ms)) return '> 30 s';
    return ms < 1_000 ? `≤ ${String(ms)} ms` : `≤ ${numberText(this.session, ms / 1_000, 1)} s`;
  }
}
