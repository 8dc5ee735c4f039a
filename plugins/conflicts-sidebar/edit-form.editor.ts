import { button, make } from './elements.editor';
import type { Session } from './session.editor';
import type { EntryFace, FieldFace } from './shapes';

interface EditedField {
  readonly name: string;
  /** Its value was no text: what is typed must be JSON. */
  readonly isJson: boolean;
  readonly input: HTMLTextAreaElement;
  readonly row: HTMLElement;
}

/** Fields to write other values to than the flow wanted. */
export class EditForm {
  readonly element = make('div', { class: 'conflicts-edit' });
  readonly first: HTMLElement | undefined;
  private readonly fields: readonly EditedField[];

  constructor(
    private readonly session: Session,
    entry: EntryFace,
    shown: readonly FieldFace[],
  ) {
    this.fields = namesIn(entry, shown).map(name =>
      this.field(
        name,
        entry.changes?.[name],
        shown.find(field => field.name === name),
        entry.isComputed,
      ),
    );
    this.element.append(...this.fields.map(({ row }) => row));
    this.first = this.fields[0]?.input;
  }

  /** The first field whose text cannot be sent, in words. */
  fault(): string | undefined {
    const { t } = this.session;
    const wrong = this.fields.find(({ isJson, input }) => isJson && !isJsonText(input.value));
    wrong?.input.focus();
    return wrong && t('conflicts-sidebar.errors.json', { field: wrong.name });
  }

  /** What to write, as the JSON text of an object: digits stay as they were typed. */
  changes(): string {
    const members = this.fields.map(({ name, isJson, input: { value } }) => {
      const text = isJson ? value.trim() : JSON.stringify(value);
      return `${JSON.stringify(name)}:${text}`;
    });
    return `{${members.join(',')}}`;
  }

  private field(
    name: string,
    wanted: string | undefined,
    field: FieldFace | undefined,
    isComputed: boolean,
  ): EditedField {
    const { t } = this.session;
    const { base, ours, theirs } = field ?? {};
    const isJson = [wanted, ours, theirs, base].some(isNoText);
    const asTyped = (json: string | undefined): string =>
      json === undefined ? '' : isJson ? json : (JSON.parse(json) as string);
    const input = make('textarea', {
      rows: 1,
      spellcheck: 'false',
      'aria-label': name,
    });
    // What was computed from another version is no value to begin with.
    input.value = asTyped(wanted ?? (isComputed ? theirs : ours) ?? theirs);
    const take = (label: string, json: string | undefined): HTMLElement | undefined =>
      json === undefined
        ? undefined
        : button({
            label,
            run: () => {
              input.value = asTyped(json);
              input.focus();
            },
          });
    const row = make(
      'div',
      { class: 'conflicts-edited' },
      make('span', { class: 'conflicts-edited-name', 'aria-hidden': 'true' }, name),
      input,
      make(
        'div',
        { class: 'conflicts-buttons' },
        take(t('conflicts-sidebar.label.base'), base),
        take(t('conflicts-sidebar.label.ours'), wanted ?? ours),
        take(t('conflicts-sidebar.label.theirs'), theirs),
      ),
      isJson ? make('small', {}, t('conflicts-sidebar.tip.json')) : undefined,
    );
    return { name, isJson, input, row };
  }
}

/** What was to be written; where nobody knows that, what the flow had to do with. */
function namesIn({ changes }: EntryFace, shown: readonly FieldFace[]): readonly string[] {
  if (changes !== undefined) return Object.keys(changes);
  return shown.filter(({ isGuard }) => !isGuard).map(({ name }) => name);
}

function isNoText(json: string | undefined): boolean {
  return json !== undefined && !json.startsWith('"');
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
