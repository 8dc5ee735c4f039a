import type { BulkAction, BulkPlan, ReviewFilter } from '../../lib/review/desk';
import type { TextName } from '../../nodes/shared/text-key';
import type { ListClient } from './client.editor';
import { button, choose, make, showAnew } from './elements.editor';
import { askInPlace } from './question.editor';
import { faultText, type Session } from './session.editor';
import type { BulkFace } from './shapes';
import { actionText, byText, numberText } from './words.editor';

const ACTIONS: readonly BulkAction[] = ['replay', 'theirs', 'ours', 'discard'];
/** Entries a second, unless somebody says otherwise. */
const PACE = 10;

/** All that the filter holds for at once: a plan, a confirmation, progress, stop. */
export class BulkView {
  readonly element = make('section', { class: 'conflicts-bulk', hidden: true });
  private running: BulkFace = null;
  /** Something is or may be under way whose end has not been told yet. */
  private isUnderWay = false;
  /** How many questions were asked, and which one was answered last: what an earlier one brings is outdated. */
  private asked = 0;
  private answered = 0;

  constructor(
    private readonly session: Session,
    private readonly client: ListClient,
    private readonly filter: () => ReviewFilter,
    private readonly onChange: () => void,
  ) {
    this.element.setAttribute('aria-label', session.t('conflicts-sidebar.label.many'));
  }

  /** Opens or folds it; what is under way stays to be seen. */
  toggle(): void {
    if (!this.element.hidden && this.running?.state !== 'running') this.hide();
    else void this.refresh().then(() => this.running?.state === 'running' || this.wish());
  }

  /** Whether it is under way, also where somebody else began it. */
  async refresh(): Promise<void> {
    await this.ask(() => this.client.progress());
  }

  /** @returns whether there was an answer */
  private async ask(question: () => Promise<BulkFace>): Promise<boolean> {
    const number = (this.asked += 1);
    try {
      const bulk = await question();
      if (number > this.answered) this.take(bulk, number);
      return true;
    } catch (fault) {
      this.tell(faultText(this.session, fault));
      return false;
    }
  }

  private take(bulk: BulkFace, number: number): void {
    this.answered = number;
    this.running = bulk;
    if (bulk?.state === 'running') {
      this.isUnderWay = true;
      this.progress(bulk);
    } else if (bulk && this.isUnderWay) {
      this.isUnderWay = false;
      this.ended(bulk);
    }
  }

  private hide(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  private wish(): void {
    const { t } = this.session;
    let action: BulkAction = 'replay';
    const reason = make('input', {
      type: 'text',
      maxlength: 1_000,
      hidden: true,
      'aria-label': t('conflicts-sidebar.label.why'),
      placeholder: t('conflicts-sidebar.placeholder.why'),
    });
    const pace = make('input', { type: 'number', min: 0.1, max: 1_000, step: 'any', value: PACE });
    const actions = choose(
      t('conflicts-sidebar.label.action'),
      ACTIONS.map(value => ({ value, label: actionText(t, value) })),
      action,
      value => {
        action = value as BulkAction;
        reason.hidden = action !== 'discard';
      },
    );
    const isMissing = (): boolean => action === 'discard' && reason.value.trim() === '';
    this.put(
      askInPlace(this.session, {
        title: t('conflicts-sidebar.answer.many'),
        body: [actions, reason, make('label', {}, `${t('conflicts-sidebar.label.pace')} `, pace)],
        first: actions,
        confirm: t('conflicts-sidebar.button.plan'),
        check: () => (isMissing() ? t('conflicts-sidebar.errors.reason') : undefined),
        run: () =>
          void this.plan({
            action,
            perSecond: Number(pace.value) || PACE,
            ...(action === 'discard' ? { reason: reason.value.trim() } : {}),
          }),
        onCancel: () => {
          this.hide();
        },
      }),
    );
  }

  private async plan(wish: {
    action: BulkAction;
    perSecond: number;
    reason?: string;
  }): Promise<void> {
    this.put(make('p', { role: 'status' }, this.session.t('conflicts-sidebar.answer.planning')));
    try {
      this.confirm(await this.client.plan({ ...wish, filter: this.filter() }));
    } catch (fault) {
      this.tell(faultText(this.session, fault));
    }
  }

  private confirm(plan: BulkPlan): void {
    const { t } = this.session;
    const lines = this.planTexts(plan).map(text => make('li', {}, text));
    if (plan.runs === 0) {
      this.tell(t('conflicts-sidebar.answer.nothing-to-do'), ...lines);
      return;
    }
    this.put(
      askInPlace(this.session, {
        title: t('conflicts-sidebar.answer.plan', {
          count: plan.runs,
          what: actionText(t, plan.action),
        }),
        body: [make('ul', {}, ...lines)],
        confirm: t('conflicts-sidebar.button.start'),
        run: () => void this.command(() => this.client.start(plan.id)),
        onCancel: () => {
          this.hide();
        },
      }),
    );
  }

  private planTexts(plan: BulkPlan): readonly string[] {
    const { t } = this.session;
    const { matching, settledMeanwhile, gone, unread, staying, seconds } = plan;
    const stay = Object.values(staying).reduce((sum, count) => sum + count, 0);
    const counts: readonly (readonly [TextName<'conflicts-sidebar.answer'>, number])[] = [
      ['matching', matching],
      ['settled-meanwhile', settledMeanwhile],
      ['plan-gone', gone],
      ['plan-unread', unread],
      ['staying', stay],
    ];
    return [
      ...counts
        .filter(([, count]) => count > 0)
        .map(([name, count]) => t(`conflicts-sidebar.answer.${name}`, { count })),
      t('conflicts-sidebar.answer.seconds', { count: Math.ceil(seconds) }),
    ];
  }

  private async command(question: () => Promise<BulkFace>): Promise<void> {
    // Nothing that was asked before says anything of it.
    this.answered = this.asked;
    this.isUnderWay = true;
    if (await this.ask(question)) this.onChange();
    else this.isUnderWay = this.running?.state === 'running';
  }

  private progress(bulk: NonNullable<BulkFace>): void {
    const { t } = this.session;
    const { action, by, total, left } = bulk;
    const bar = make('progress', {
      max: total,
      value: total - left,
      'aria-label': t('conflicts-sidebar.label.progress'),
    });
    this.element.hidden = false;
    showAnew(
      this.element,
      make(
        'p',
        {},
        t('conflicts-sidebar.answer.running', { who: byText(t, by), what: actionText(t, action) }),
      ),
      bar,
      make('p', {}, this.tally(bulk)),
      button({
        label: t('conflicts-sidebar.button.stop'),
        icon: 'stop',
        run: () => void this.command(() => this.client.stop()),
      }),
    );
  }

  private ended(bulk: NonNullable<BulkFace>): void {
    const { t } = this.session;
    const text = `${t(`conflicts-sidebar.answer.bulk-${bulk.state === 'stopped' ? 'stopped' : 'done'}`)} ${this.tally(bulk)}`;
    this.session.say(text);
    this.tell(text);
    this.onChange();
  }

  private tally({ settled, open, refused, left }: NonNullable<BulkFace>): string {
    const number = (value: number): string => numberText(this.session, value);
    return this.session.t('conflicts-sidebar.answer.tally', {
      settled: number(settled),
      open: number(open),
      refused: number(refused),
      left: number(left),
    });
  }

  private tell(text: string, ...more: readonly HTMLElement[]): void {
    this.put(
      make('p', { role: 'status' }, text),
      ...(more.length > 0 ? [make('ul', {}, ...more)] : []),
      button({
        label: this.session.t('conflicts-sidebar.button.close'),
        run: () => {
          this.hide();
        },
      }),
    );
  }

  private put(...children: readonly HTMLElement[]): void {
    this.element.hidden = false;
    this.element.replaceChildren(...children);
  }
}
