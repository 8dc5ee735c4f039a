import { translator } from '../shared/editor/translate';
import type { Option } from './pick-options.editor';

const t = translator('record-endpoint');

/** Options that are drawn: more than that nobody reads, and drawing takes its time. */
const MOST_DRAWN = 100;

/** A line that does something. */
export interface Action {
  readonly text: string;
  readonly run: () => void;
}

export type Line = Option | Action;

let popups = 0;

/** The list below a text field: what is said about it, its options, and on demand a question of its own. */
export class Popup {
  readonly element = document.createElement('div');
  readonly list = element('div', 'list');
  private readonly said = element('div', 'status');
  private readonly more = element('div', 'more');
  private readonly asking = element('form', 'ask');
  private readonly id: string;
  private lines: readonly Line[] = [];
  active = -1;

  constructor(
    private readonly input: HTMLInputElement,
    private readonly onChosen: (line: Line) => void,
  ) {
    popups += 1;
    this.id = `record-updates-pick-${String(popups)}`;
    this.element.className = 'record-updates-pick';
    this.list.id = this.id;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', t('record-endpoint.label.pick-list'));
    this.said.setAttribute('role', 'status');
    this.asking.hidden = true;
    this.element.append(this.said, this.list, this.more, this.asking);
    // The text field keeps the focus, but for a question's own fields.
    this.element.addEventListener('mousedown', event => {
      if (!this.asking.contains(event.target as Node)) event.preventDefault();
    });
    document.body.append(this.element);
    input.setAttribute('aria-expanded', 'true');
    input.setAttribute('aria-controls', this.id);
    this.place();
  }

  close(): void {
    this.element.remove();
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-controls');
    this.input.removeAttribute('aria-activedescendant');
  }

  say(text: string): void {
    this.said.textContent = text;
  }

  /** Whether the list is being read: what stands in it by then is of before. */
  set isBusy(busy: boolean) {
    this.list.setAttribute('aria-busy', String(busy));
  }

  show(options: readonly Option[], actions: readonly Action[]): void {
    const drawn = options.slice(0, MOST_DRAWN);
    this.lines = [...drawn, ...actions];
    this.list.replaceChildren(...this.lines.map((line, index) => this.draw(line, index)));
    const hidden = options.length - drawn.length;
    this.more.textContent =
      hidden > 0 ? t('record-endpoint.answer.pick-more', { count: hidden }) : '';
    this.activate(-1);
    this.place();
  }

  /** Goes so many lines on, round the ends. */
  move(by: number): void {
    const count = this.lines.length;
    if (count === 0) return;
    const from = this.active < 0 && by < 0 ? 0 : this.active;
    this.activate((from + by + count) % count);
  }

  chooseActive(): boolean {
    const line = this.lines[this.active];
    if (line === undefined) return false;
    this.onChosen(line);
    return true;
  }

  /** Asks for a text. `answered` is told it. */
  ask(label: string, button: string, begin: string, answered: (text: string) => void): void {
    const field = element('input', 'key') as HTMLInputElement;
    field.type = 'text';
    field.value = begin;
    field.id = `${this.id}-key`;
    const name = document.createElement('label');
    name.htmlFor = field.id;
    name.textContent = label;
    const send = document.createElement('button');
    send.className = 'red-ui-button red-ui-button-small';
    send.textContent = button;
    this.asking.replaceChildren(name, field, send);
    this.asking.hidden = false;
    this.asking.onsubmit = event => {
      event.preventDefault();
      this.input.focus();
      this.asking.hidden = true;
      answered(field.value.trim());
    };
    this.asking.onkeydown = event => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.asking.hidden = true;
      this.input.focus();
    };
    this.place();
    field.focus();
  }

  private activate(index: number): void {
    this.list.children[this.active]?.setAttribute('aria-selected', 'false');
    this.active = index;
    const line = this.list.children[index];
    if (line === undefined) {
      this.input.removeAttribute('aria-activedescendant');
      return;
    }
    line.setAttribute('aria-selected', 'true');
    line.scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', line.id);
  }

  private draw(line: Line, index: number): HTMLElement {
    const drawn = element('div', 'run' in line ? 'action' : 'option');
    drawn.id = `${this.id}-${String(index)}`;
    drawn.setAttribute('role', 'option');
    drawn.setAttribute('aria-selected', 'false');
    drawn.addEventListener('click', () => {
      this.onChosen(line);
    });
    if ('run' in line) drawn.textContent = line.text;
    else drawn.append(...parts(line));
    return drawn;
  }

  /** Below the field, or above it where there is more room; on the page, also where its field has been scrolled off it. */
  place(): void {
    const field = this.input.getBoundingClientRect();
    const { innerWidth, innerHeight } = window;
    const onPage = (y: number): number => Math.max(0, Math.min(y, innerHeight));
    const [top, bottom] = [onPage(field.top), onPage(field.bottom)] as const;
    const wide = Math.min(Math.max(field.width, 300), innerWidth - 16);
    const below = innerHeight - bottom;
    const isBelow = below >= 240 || below >= top;
    const { style } = this.element;
    style.width = `${String(wide)}px`;
    style.left = `${String(Math.max(8, Math.min(field.left, innerWidth - wide - 8)))}px`;
    style.top = isBelow ? `${String(bottom + 2)}px` : '';
    style.bottom = isBelow ? '' : `${String(innerHeight - top + 2)}px`;
    style.maxHeight = `${String(Math.min(320, (isBelow ? below : top) - 12))}px`;
  }
}

function parts({ value, detail, mark }: Option): HTMLElement[] {
  const name = element('span', 'name');
  name.textContent = value;
  const beside = element('span', 'detail');
  beside.textContent = detail;
  if (mark === undefined) return [name, beside];
  const marked = element('span', 'mark');
  marked.classList.add(`record-updates-pick-${mark.kind}`);
  marked.textContent = mark.text;
  return [name, marked, beside];
}

function element(tag: string, name: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = `record-updates-pick-${name}`;
  return made;
}
