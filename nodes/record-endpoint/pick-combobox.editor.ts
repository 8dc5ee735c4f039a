import type { RecordKey } from '../../lib/record/fields';
import { meantInDialog } from '../shared/editor/api-types';
import { field } from '../shared/editor/dialog';
import type { Pick } from '../shared/editor/pick';
import { translator } from '../shared/editor/translate';
import { describedBy } from '../../lib/metadata/described';
import { endpointAt, Trouble } from './pick-ask.editor';
import { sampleOf, type Found } from './pick-lists.editor';
import { fitting, partAt, withName } from './pick-names.editor';
import { factsOf, learnFields, optionsFor, type Option } from './pick-options.editor';
import { Popup, type Action, type Line } from './pick-popup.editor';
import { meantBy } from './pick-source.editor';

const t = translator('record-endpoint');

/** One per text field. */
const boxes = new WeakMap<HTMLInputElement, Combobox>();

/** Opens the list of a text field. */
export function openList(input: HTMLInputElement, pick: Pick): void {
  let box = boxes.get(input);
  if (box === undefined) {
    box = new Combobox(input, pick);
    boxes.set(input, box);
  }
  box.open();
}

/** A text field with a list, as the practices of ARIA describe one: any text may stand in it. */
class Combobox {
  private popup: Popup | undefined;
  private found: Found<Option> | undefined;
  /** Counts what was asked for, for a late answer must not overwrite a newer one. */
  private turn = 0;

  constructor(
    private readonly input: HTMLInputElement,
    private readonly pick: Pick,
  ) {
    input.addEventListener('input', () => {
      if (this.pick.isActive?.() !== false && this.found !== undefined) this.open();
    });
    // Before the keys of the dialog.
    input.addEventListener('keydown', event => {
      this.onKey(event);
    });
    input.addEventListener('blur', event => {
      if (!this.holds(event.relatedTarget)) this.close();
    });
    // The editor's own event: the dialog is gone.
    $(input).on('remove', () => {
      this.close();
    });
  }

  /** Shows what fits the text; what is known already stands there at once. */
  open(): void {
    if (this.popup === undefined) {
      this.popup = new Popup(this.input, line => {
        this.choose(line);
      });
      this.popup.element.addEventListener('focusout', event => {
        if (event.relatedTarget !== this.input && !this.holds(event.relatedTarget)) this.close();
      });
      document.addEventListener('scroll', this.onScroll, true);
      window.addEventListener('resize', this.onScroll);
      void this.load(false);
    } else if (this.found !== undefined) this.show(this.found);
  }

  private close(): void {
    this.turn += 1;
    this.popup?.close();
    this.popup = undefined;
    document.removeEventListener('scroll', this.onScroll, true);
    window.removeEventListener('resize', this.onScroll);
  }

  private holds(target: EventTarget | null): boolean {
    return target instanceof Node && this.popup?.element.contains(target) === true;
  }

  /** The list goes along with its field. */
  private readonly onScroll = (event: Event): void => {
    if (!this.holds(event.target)) this.popup?.place();
  };

  private async load(anew: boolean): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    if (this.popup !== undefined) this.popup.isBusy = true;
    // What is at hand comes before anybody could read this.
    const slow = window.setTimeout(() => {
      this.popup?.say(t('record-endpoint.answer.pick-reading'));
    }, 100);
    try {
      const found = await optionsFor(this.pick, anew);
      if (turn !== this.turn) return;
      this.found = found;
      this.show(found);
      void this.tellFacts();
    } catch (error) {
      if (turn === this.turn) this.showTrouble(error);
    } finally {
      window.clearTimeout(slow);
      if (this.popup !== undefined && turn === this.turn) this.popup.isBusy = false;
    }
  }

  private show(found: Found<Option>): void {
    const options = fitting(found.items, this.part().text);
    this.popup?.show(options, this.actions());
    this.popup?.say(saidOf(found, options.length));
  }

  private showTrouble(error: unknown): void {
    this.popup?.show([], this.actions());
    this.popup?.say(
      error instanceof Trouble ? error.message : t('record-endpoint.errors.pick-unreadable'),
    );
  }

  private actions(): Action[] {
    const anew: Action = {
      text: t('record-endpoint.option.pick-anew'),
      run: () => void this.load(true),
    };
    if (!this.isSampled()) return [anew];
    if (this.pick.what === 'sets') return [];
    const sample: Action = {
      text: t('record-endpoint.option.pick-sample'),
      run: () => {
        this.askForKey();
      },
    };
    return [sample];
  }

  /** Whether one record has to stand for all of its kind. */
  private isSampled(): boolean {
    try {
      const id =
        this.pick.what === 'sets'
          ? String(field('node-input', 'endpoint').val())
          : meantBy(this.pick).endpoint;
      const endpoint = endpointAt(id);
      return endpoint !== undefined && describedBy(endpoint.family) === 'sample';
    } catch {
      return false;
    }
  }

  private askForKey(): void {
    this.popup?.ask(
      t('record-endpoint.label.pick-key'),
      t('record-endpoint.button.pick-read'),
      fixedKey(),
      text => {
        if (text !== '') void this.loadSample(text);
      },
    );
  }

  private async loadSample(text: string): Promise<void> {
    const { turn, popup } = this;
    if (popup === undefined) return;
    popup.isBusy = true;
    popup.say(t('record-endpoint.answer.pick-reading'));
    try {
      await sampleOf(meantBy(this.pick), keyIn(text));
      if (turn === this.turn) await this.load(false);
    } catch (error) {
      if (turn !== this.turn) return;
      this.showTrouble(error);
      popup.isBusy = false;
    }
  }

  private part(): ReturnType<typeof partAt> {
    const { value, selectionStart } = this.input;
    return partAt(value, selectionStart ?? value.length, this.pick.many === true);
  }

  private choose(line: Line): void {
    if ('run' in line) {
      line.run();
      return;
    }
    const isMany = this.pick.many === true;
    const { text, cursor } = withName(this.input.value, this.part(), line.value, isMany);
    this.close();
    // As if it had been typed.
    $(this.input).val(text).trigger('input').trigger('change');
    this.close();
    this.input.setSelectionRange(cursor, cursor);
    this.pick.onPick?.(line);
    if (this.pick.what === 'sets') {
      const meant = meantInDialog();
      if (meant !== undefined) void learnFields(meant);
      void this.tellFacts();
    }
  }

  private async tellFacts(): Promise<void> {
    if (this.pick.what !== 'sets') return;
    const { value } = this.input;
    const facts = await factsOf(value.trim()).catch(() => '');
    if (this.input.value === value) $('#record-updates-set').text(facts);
  }

  private onKey(event: KeyboardEvent): void {
    // The key that has just opened the list is none for it.
    if (event.defaultPrevented || this.popup === undefined || event.ctrlKey || event.metaKey)
      return;
    if (!this.onOpenKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whether the key was for the list. */
  private onOpenKey({ key, altKey }: KeyboardEvent): boolean {
    switch (key) {
      case 'ArrowDown':
        this.popup?.move(1);
        return true;
      case 'ArrowUp':
        if (altKey) this.close();
        else this.popup?.move(-1);
        return true;
      case 'Enter':
        return this.popup?.chooseActive() === true;
      case 'Escape':
        this.close();
        return true;
      default:
        return false;
    }
  }
}

/** How many, and how old. */
function saidOf({ items, at, isPart, problem }: Found<Option>, fits: number): string {
  const count =
    items.length > 0 && fits === 0
      ? t('record-endpoint.answer.pick-none')
      : t('record-endpoint.answer.pick-count', { count: fits });
  const used = at === undefined ? t('record-endpoint.answer.pick-used') : '';
  const age = at === undefined ? '' : t('record-endpoint.answer.pick-age', { age: ago(at) });
  const part = isPart ? t('record-endpoint.answer.pick-part') : '';
  return [problem, used, count, age, part].filter(Boolean).join(' ');
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

function ago(at: number): string {
  const ms = Date.now() - at;
  const [unit, length] = UNITS.find(([, one]) => ms >= one) ?? ['second', 1000];
  const words = new Intl.RelativeTimeFormat(RED.i18n.lang(), { numeric: 'auto' });
  return words.format(-Math.floor(ms / length), unit);
}

/** The key that the dialog names itself, where it does. */
function fixedKey(): string {
  const type = String(field('node-input', 'keyType').val());
  return ['str', 'num', 'json'].includes(type) ? String(field('node-input', 'key').val()) : '';
}

/** A composite key is written as JSON; anything else is text, which addresses a number as well. */
function keyIn(text: string): RecordKey {
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text) as RecordKey;
  } catch {
    return text;
  }
}
