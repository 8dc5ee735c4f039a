import { RequestFault, type ActWish, type ListClient } from './client.editor';
import {
  decisionButtons,
  questionFor,
  warned,
  type Decision,
  type Warning,
} from './decisions.editor';
import { button, focusOn, make, showAnew } from './elements.editor';
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
  /** The latest one that is over. */
  private look: LookFace | undefined;
  /** The one that is under way. */
  private looking: Promise<LookFace> | undefined;
  /** The open question: what it is about, and the look that showed it. */
  private asked: { readonly about: string; readonly look: LookFace | undefined } | undefined;
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
    const { stored } = this;
    try {
      const now = await this.client.entry(this.id);
      // It may have been acted on meanwhile.
      if (!this.isWaiting()) return;
      // What has come in since may be newer than this.
      if (this.stored !== stored) await this.refresh();
      else if (now.revision !== stored?.revision) this.taken(now);
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
    if (this.asked === undefined) this.showDecision();
    else this.checkAsked(this.asked.about);
  }

  /** A look has come in while somebody decides: he goes on where it has shown what he decides on. */
  private checkAsked(about: string): void {
    if (about === this.about()) {
      this.asked = { about, look: this.look };
      return;
    }
    this.tell(this.session.t('conflicts-sidebar.answer.changed-meanwhile'));
    this.showDecision();
  }

  /** What a question asked now would be about. */
  private about(): string {
    const isThere = this.look === undefined || this.look.kind === 'seen';
    const values = this.shownFields().map(({ name, theirs }) => [name, theirs]);
    return JSON.stringify(isThere ? values : this.look?.kind);
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
      lookText(this.session, this.looking === undefined ? this.look : undefined),
      ...(this.looking === undefined ? [again] : []),
    );
    this.fields.replaceChildren(fieldRows(this.session, this.shownFields()));
  }

  private state(): string {
    if (this.looking !== undefined || this.look === undefined) return 'reading';
    return this.look.kind === 'seen' ? this.look.is : this.look.kind;
  }

  /** Those of the look, which are of now; before it, those of the entry. */
  private shownFields(): readonly FieldFace[] {
    return this.look?.kind === 'seen' ? this.look.fields : (this.stored?.entry.fields ?? []);
  }

  private showDecision(): void {
    this.asked = undefined;
    const { t } = this.session;
    const { entry } = this.stored ?? {};
    if (entry === undefined) return;
    if (entry.state === 'settled') {
      this.decision.replaceChildren();
    } else if (!this.host.mayReview) {
      this.decision.replaceChildren(make('p', {}, t('conflicts-sidebar.tip.may-not-review')));
    } else {
      showAnew(
        this.decision,
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
    const look = this.client.look(this.id).catch((fault: unknown): LookFace => {
      const message = faultText(this.session, fault);
      return { kind: 'unread', code: 'FAILED', message };
    });
    this.looking = look;
    if (this.stored !== undefined) this.showLook();
    const seen = await look;
    // Another one has begun since, of what is there by now.
    if (this.looking !== look) return;
    this.looking = undefined;
    this.look = seen;
    if (!this.isClosed) this.show();
  }

  private decide(decision: Decision): void {
    const { session } = this;
    const { entry } = this.stored as StoredFace;
    const asked = questionFor(session, decision, { entry, fields: this.shownFields() });
    const question = warned(session, asked, this.warnings(decision));
    if (question === undefined) void this.act({ action: decision });
    else {
      this.ask({ ...question, run: () => void this.act({ action: decision, ...question.wish() }) });
    }
  }

  /** What is known already of why the act would be refused at first. */
  private warnings(decision: Decision): Warning[] {
    const { look } = this;
    const warnings: Warning[] = [];
    if (this.stored?.asksFirst.includes(decision) === true) {
      const text = this.session.t('conflicts-sidebar.answer.counts-twice');
      warnings.push({ text, wish: { confirmed: true } });
    }
    const writes = decision !== 'theirs' && decision !== 'discard';
    if (writes && look?.kind === 'refused' && look.baseUrl !== undefined) {
      warnings.push({ text: look.message, wish: { baseUrl: look.baseUrl } });
    }
    return warnings;
  }

  private ask(question: Omit<Question, 'onCancel'>): void {
    const onCancel = (): void => {
      this.showDecision();
      this.decision.querySelector('button')?.focus();
    };
    this.asked = { about: this.about(), look: this.look };
    this.decision.replaceChildren(askInPlace(this.session, { ...question, onCancel }));
  }

  private async act(wish: ActWish): Promise<void> {
    const { stored } = this;
    if (stored === undefined || this.isBusy) return;
    // What somebody has agreed to is what his question showed, also while a newer look is under way.
    const look = this.asked === undefined ? this.look : this.asked.look;
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
      this.look = undefined;
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
    this.asked = undefined;
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
      this.look = undefined;
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
