import type { Translate } from '../checks';
import { resourceUrl } from './resource';

/** What a field takes a name of: a record set, a field of its records, one of its key, or a state of a field. */
export interface Pick {
  readonly what: 'sets' | 'fields' | 'keys' | 'states';
  /** Names separated by commas. */
  readonly many?: true;
  /** Whose record it is, found along the wires; absent: that of the open dialog. */
  readonly node?: string;
  /** The field whose states are meant. */
  readonly field?: () => string;
  /** Absent: always. */
  readonly isActive?: () => boolean;
  readonly onPick?: (picked: Picked) => void;
}

/** What was chosen from a list. */
export interface Picked {
  readonly value: string;
  /** A state that is a number. */
  readonly isNumber: boolean;
  /** How values of the field are compared. */
  readonly comparedAs?: string;
}

/** The script that is loaded when a list is first asked for. */
interface PickersScript {
  readonly openList: (input: HTMLInputElement, pick: Pick) => void;
}

let script: Promise<PickersScript> | undefined;

function load(): Promise<PickersScript> {
  script ??= import(resourceUrl('pickers.js')) as Promise<PickersScript>;
  return script;
}

/** Puts a button for a list beside a text field, which takes any text as before. */
export function pickable(t: Translate, input: JQuery, pick: Pick): void {
  const open = opener(t, input, pick);
  const button = $('<button type="button" class="record-updates-pick-button">').attr({
    tabindex: '-1',
    'aria-label': t('shared.button.pick'),
    title: t('shared.button.pick'),
  });
  button.append('<i class="fa fa-caret-down" aria-hidden="true">');
  button.on('mousedown', event => {
    event.preventDefault();
  });
  button.on('click', open);
  input.wrap('<span class="record-updates-pickable">').after(button);
  combine(input);
}

/** The same for the text of a typed input: the list opens with the arrow keys and by `open`. */
export function pickableTyped(
  t: Translate,
  typed: JQuery,
  pick: Omit<Pick, 'isActive'> & { readonly type: string },
): { readonly open: () => void } {
  let open = (): void => undefined;
  // The typed input calls back before it stands.
  const ready = (): void => {
    const isActive = (): boolean => typed.typedInput('type') === pick.type;
    const input = typed
      .next('.red-ui-typedInput-container')
      .find<HTMLInputElement>('input.red-ui-typedInput-input');
    open = opener(t, input, { ...pick, isActive });
    const mark = (): void => {
      if (isActive()) combine(input);
      else input.removeAttr('role aria-expanded aria-haspopup aria-autocomplete');
    };
    typed.on('change', mark);
    mark();
  };
  window.setTimeout(ready);
  return {
    open: () => {
      open();
    },
  };
}

/** As the practices of ARIA want it of a text field with a list. */
function combine(input: JQuery): void {
  input.attr({
    role: 'combobox',
    autocomplete: 'off',
    'aria-expanded': 'false',
    'aria-haspopup': 'listbox',
    'aria-autocomplete': 'list',
  });
}

function opener(t: Translate, input: JQuery, pick: Pick): () => void {
  const open = (): void => {
    input.trigger('focus');
    load().then(
      ({ openList }) => {
        openList(input.get(0) as HTMLInputElement, pick);
      },
      () => {
        script = undefined;
        RED.notify(t('shared.errors.pick-script'), 'error');
      },
    );
  };
  input.on('keydown', event => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (event.key !== 'ArrowDown' || !isPlain || pick.isActive?.() === false) return;
    if (input.attr('aria-expanded') === 'true') return;
    event.preventDefault();
    open();
  });
  return open;
}
