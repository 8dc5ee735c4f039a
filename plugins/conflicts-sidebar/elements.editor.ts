/** Elements without a framework. Text is set as text: a value of a record is never markup. */

type Child = Node | string | undefined;

/** Attributes by name; undefined and false are left out. `onclick` and the like are listeners. */
type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: never) => void)>
>;

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function')
      element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter(child => child !== undefined));
  return element;
}

/** A picture of Font Awesome, which says nothing by itself. */
export function icon(name: string): HTMLElement {
  return make('i', { class: `fa fa-${name}`, 'aria-hidden': 'true' });
}

interface ButtonShape {
  readonly label: string;
  readonly icon?: string;
  readonly tip?: string;
  readonly isPrimary?: boolean;
  /** Only the picture is seen, and the label said. */
  readonly isBare?: boolean;
  readonly run: () => void;
}

export function button({
  label,
  icon: name,
  tip,
  isPrimary,
  isBare,
  run,
}: ButtonShape): HTMLButtonElement {
  return make(
    'button',
    {
      type: 'button',
      class: `red-ui-button red-ui-button-small${isPrimary === true ? ' primary' : ''}`,
      title: tip ?? (isBare === true ? label : undefined),
      'aria-label': isBare === true ? label : undefined,
      onclick: run,
    },
    name === undefined ? undefined : icon(name),
    isBare === true ? undefined : label,
  );
}

/** What is said by screen readers only. */
export function unseen(text: string): HTMLElement {
  return make('span', { class: 'conflicts-unseen' }, text);
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

export function choose(
  label: string,
  choices: readonly Choice[],
  value: string,
  run: (value: string) => void,
): HTMLSelectElement {
  const select = make(
    'select',
    { 'aria-label': label, title: label },
    ...choices.map(choice =>
      make('option', { value: choice.value, selected: choice.value === value }, choice.label),
    ),
  );
  select.addEventListener('change', () => {
    run(select.value);
  });
  return select;
}

/**
 * Shows children in place of those that are there. What looks as before stays, so its listeners have to do what those of
 * the new one would: a button that goes while it is held down is not pressed, and takes the focus along.
 */
export function showAnew(parent: Node, ...children: readonly Node[]): void {
  const before = [...parent.childNodes];
  for (const [at, child] of children.entries()) {
    const there = before[at];
    if (there === undefined) parent.appendChild(child);
    else if (there.isEqualNode(child)) continue;
    else if (isSameElement(there, child)) showAnew(there, ...child.childNodes);
    else parent.replaceChild(child, there);
  }
  for (const left of before.slice(children.length)) parent.removeChild(left);
}

/** The same, but for what is in it. A button with another label does something else, unless it names what it opens. */
function isSameElement(one: Node, other: Node): boolean {
  if (!(one instanceof HTMLElement)) return false;
  if (one instanceof HTMLButtonElement && one.dataset.entry === undefined) return false;
  return one.cloneNode().isEqualNode(other.cloneNode());
}

/** Gives the focus to what cannot have it by itself, such as a heading. */
export function focusOn(element: HTMLElement): void {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}
