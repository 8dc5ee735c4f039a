import { RequestFault, type ActWish, type ListClient } from './client.editor';
import { decisionButtons, questionFor, type Decision } from './decisions.editor';
import { button, focusOn, make } from './elements.editor';
import { detailsOf, lookText, whyTexts } from './entry-words.editor';
import { fieldRows } from './field-rows.editor';
import { keyText } from './key-text';
import { askInPlace, type Question } from './question.editor';
import { faultText, type Session } from './session.editor';
import type { ActFace, EntryFace, FieldFace, LookFace, RefusedFace, StoredFace } from './shapes';
import { actionText, byText, reasonText } from './words.editor';

export interface EntryHost {
  readonly mayReview: boolean;
  /** Back to the list. `gone`: the entry has left it. */
  readonly onBack: (id: string, gone: boolean) => void;
}

/** One opened entry: what it was, what the flow wanted, what it is now; and the decision. */
export class EntryView {
  readonly element = make('section', { class: 'conflicts-opened' });
  private readonly why = make('div', { class: 'conflicts-why' });
  private readonly notice = make('p', { class: 'conflicts-notice', role: 'alert' });
  private readonly looked = make('p', { class: 'conflicts-looked', role: 'status' });
  private readonly fields = make('div');
  private readonly decision = make('div', { class: 'conflicts-decision' });
  private readonly details = make('div');
  private stored: StoredFace | undefined;
  private look: LookFace | undefined;
  private isBusy = false;
  private isClosed = false;

  constructor(
    private readonly session: Session,
    private readonly client: ListClient,
    private readonly id: string,
    private readonly host: EntryHost,
  ) {
    this.element.addEventListener('keydown', event => {
      if (event.key !== 'Escape') return;
      // The editor looks for where a key was pressed, and this element is gone then.
      event.stopPropagation();
      this.back(false);
    });
  }

  /** Shows it, and reads the record anew. */
  async open(): Promise<void> {
    const looking = this.lookAnew();
    try {
      this.stored = await this.client.entry(this.id);
    } catch (fault) {
      this.lost(fault);
      return;
    }
    this.build(this.stored.entry);
    await looking;
  }

  /** Whether somebody else has done something with it meanwhile; if so, says it. */
  async refresh(): Promise<void> {
    if (!this.isWaiting()) return;
    try {
      const now = await this.client.entry(this.id);
      // It may have been acted on meanwhile.
      if (this.isWaiting() && now.revision !== this.stored?.revision) this.taken(now);
    } catch (fault) {
      if (fault instanceof RequestFault && fault.status === 404) this.lost(fault);
    }
  }

  /** Nothing is under way here. */
  private isWaiting(): boolean {
    return !this.isBusy && !this.isClosed && this.stored !== undefined;
  }

  close(): void {
    this.isClosed = true;
  }

  private build(entry: EntryFace): void {
    const { t } = this.session;
    const heading = make('h3', {}, keyText(entry.record.key), ' ');
    heading.append(make('span', { class: 'conflicts-type' }, entry.record.type));
    const back = button({
      label: t('conflicts-sidebar.button.back'),
      icon: 'chevron-left',
      isBare: true,
      run: () => {
        this.back(false);
      },
    });
    this.element.replaceChildren(
      make('header', { class: 'conflicts-opened-head' }, back, heading),
      this.notice,
      this.why,
      this.looked,
      this.fields,
      this.decision,
      this.details,
    );
    this.show();
    focusOn(heading);
  }

  /** What is there now, with the buttons that fit. */
  private show(): void {
    if (this.stored === undefined || this.element.childElementCount === 0) return;
    const { entry } = this.stored;
    const why = [reasonText(this.session.t, entry.outcome), ...whyTexts(this.session, entry)];
    this.why.replaceChildren(...why.map((text, at) => make(at === 0 ? 'strong' : 'p', {}, text)));
    this.showLook();
    const details = this.details.querySelector('details')?.open ?? false;
    this.details.replaceChildren(
      detailsOf(this.session, entry, () => {
        if (entry.source !== undefined) RED.view.reveal(entry.source.node);
      }),
    );
    this.details.querySelector('details')?.toggleAttribute('open', details);
    this.showDecision();
  }

  private showLook(): void {
    const { t } = this.session;
    const again = button({
      label: t('conflicts-sidebar.button.look'),
      icon: 'refresh',
      isBare: true,
      run: () => void this.lookAnew(),
    });
    this.looked.className = `conflicts-looked conflicts-is-${this.state()}`;
    this.looked.replaceChildren(
      lookText(this.session, this.look),
      ...(this.look === undefined ? [] : [again]),
    );
    this.fields.replaceChildren(fieldRows(this.session, this.shownFields()));
  }

  private state(): string {
    if (this.look === undefined) return 'reading';
    return this.look.kind === 'seen' ? this.look.is : this.look.kind;
  }

  /** Those of the look, which are of now; before it, those of the entry. */
  private shownFields(): readonly FieldFace[] {
    return this.look?.kind === 'seen' ? this.look.fields : (this.stored?.entry.fields ?? []);
  }

  private showDecision(): void {
    const { t } = this.session;
    const { entry } = this.stored ?? {};
    if (entry === undefined) return;
    if (entry.state === 'settled') {
      this.decision.replaceChildren();
    } else if (!this.host.mayReview) {
      this.decision.replaceChildren(make('p', {}, t('conflicts-sidebar.tip.may-not-review')));
    } else {
      this.decision.replaceChildren(
        decisionButtons(this.session, this.isBusy || this.isTaken(entry), this.look, decision => {
          this.decide(decision);
        }),
      );
    }
  }

  /** Somebody else works on it. The store tells whether that is still so when an act arrives. */
  private isTaken({ claim }: EntryFace): boolean {
    return claim !== undefined && claim.until > Date.now();
  }

  private async lookAnew(): Promise<void> {
    this.look = undefined;
    if (this.stored !== undefined) this.showLook();
    try {
      this.look = await this.client.look(this.id);
    } catch (fault) {
      const message = faultText(this.session, fault);
      this.look = { kind: 'unread', code: 'FAILED', message };
    }
    if (this.isClosed) return;
    this.show();
  }

  private decide(decision: Decision): void {
    const question = questionFor(this.session, decision, {
      entry: (this.stored as StoredFace).entry,
      fields: this.shownFields(),
    });
    if (question === undefined) void this.act({ action: decision });
    else {
      this.ask({ ...question, run: () => void this.act({ action: decision, ...question.wish() }) });
    }
  }

  private ask(question: Omit<Question, 'onCancel'>): void {
    const onCancel = (): void => {
      this.showDecision();
      this.decision.querySelector('button')?.focus();
    };
    this.decision.replaceChildren(askInPlace(this.session, { ...question, onCancel }));
  }

  private async act(wish: ActWish): Promise<void> {
    const { stored, look } = this;
    if (stored === undefined || this.isBusy) return;
    this.isBusy = true;
    this.showDecision();
    this.session.say(actionText(this.session.t, wish.action));
    const shown = look?.kind === 'seen' ? { shown: look.shown } : {};
    try {
      const { revision } = stored;
      this.answered(wish, await this.client.act(this.id, { revision, ...shown, ...wish }));
    } catch (fault) {
      this.isBusy = false;
      this.tell(faultText(this.session, fault));
      this.showDecision();
    }
  }

  private answered(wish: ActWish, answer: ActFace): void {
    this.isBusy = false;
    if (this.isClosed) return;
    const { t } = this.session;
    if (answer.kind === 'settled') {
      const { key } = answer.now.entry.record;
      const what = actionText(t, wish.action);
      this.session.say(t('conflicts-sidebar.answer.done', { record: keyText(key), what }));
      this.back(true);
    } else if (answer.kind === 'open') {
      this.stored = answer.now;
      const reason = reasonText(t, answer.outcome ?? answer.now.entry.outcome);
      this.tell(t('conflicts-sidebar.answer.still-open', { reason }));
      this.show();
      void this.lookAnew();
    } else this.refused(wish, answer);
  }

  private refused(wish: ActWish, refusal: RefusedFace): void {
    const { t } = this.session;
    const { code, message, now, baseUrl } = refusal;
    if (code === 'ASK_FIRST' || code === 'ENDPOINT_MOVED') {
      const allowed = code === 'ASK_FIRST' ? { confirmed: true } : { baseUrl };
      this.ask({
        title: t('conflicts-sidebar.answer.sure'),
        body: [make('p', {}, message)],
        confirm: t('conflicts-sidebar.button.anyway'),
        run: () => void this.act({ ...wish, ...(allowed as Partial<ActWish>) }),
      });
    } else if (now === undefined) {
      this.tell(message);
      if (code === 'ENTRY_GONE') this.decision.replaceChildren();
      else this.showDecision();
    } else if (code.startsWith('ENTRY_')) this.taken(now);
    else {
      this.tell(message);
      this.showDecision();
    }
  }

  /** Somebody else was faster: who, and what is there now. */
  private taken(now: StoredFace): void {
    this.stored = now;
    const { t } = this.session;
    const { settled, claim } = now.entry;
    if (settled !== undefined) {
      const who = byText(t, settled.by);
      const what = actionText(t, settled.action);
      this.tell(t('conflicts-sidebar.label.settled', { who, what }));
    } else if (claim !== undefined) {
      this.tell(t('conflicts-sidebar.label.claimed', { who: byText(t, claim.by) }));
    } else {
      this.tell(t('conflicts-sidebar.answer.changed-meanwhile'));
      void this.lookAnew();
    }
    this.show();
  }

  private lost(fault: unknown): void {
    this.tell(faultText(this.session, fault));
    if (this.element.childElementCount === 0) {
      const label = this.session.t('conflicts-sidebar.button.back');
      const run = (): void => {
        this.back(true);
      };
      this.element.replaceChildren(this.notice, button({ label, run }));
    }
    this.decision.replaceChildren();
  }

  private tell(text: string): void {
    this.notice.textContent = text;
  }

  private back(gone: boolean): void {
    this.close();
    this.host.onBack(this.id, gone);
  }
}
