import type { MachineState, State } from '../../lib/lifecycle/machine';
import type { Translate } from '../shared/checks';
import { field } from '../shared/editor/dialog';
import { keepFocus, nameRemoveButton } from '../shared/editor/lists';
import { pickable, type Pick } from '../shared/editor/pick';
import { joinNames, splitNames, type StateType } from './names.editor';
import { renames, toStates, type RowText } from './rows-text.editor';

const CELLS = ['name', 'role', 'next', 'required'] as const;
type Cell = (typeof CELLS)[number];

/** One row of the table: the state it was made for, and the name under which other rows know it. */
interface RowItem {
  state?: MachineState;
  knownAs?: string;
}

/**
 * Sets up the table of states.
 * @param node id of the guard
 * @param changed is told of every change, also while typing
 */
export function prepareStates(
  t: Translate,
  states: readonly MachineState[],
  node: string,
  changed: () => void,
): void {
  list().editableList<RowItem>({
    header: header(t),
    addButton: t('transition-guard.label.add-state'),
    ...jsonButtons(t),
    removable: true,
    addItem: (container, _index, item) => {
      addRow(t, container, item);
      offerNames(t, container, node);
      if (item.state === undefined) cell(container, 'name').trigger('focus');
      changed();
    },
    removeItem: () => {
      keepFocus(list());
      changed();
    },
  });
  list().on('input', changed);
  list().on('change', () => {
    settleNames();
    changed();
  });
  fillStates(states);
}

/** Puts other states into the table. */
export function fillStates(states: readonly MachineState[]): void {
  list().editableList('empty');
  list().editableList(
    'addItems',
    states.map(state => ({ state })),
  );
}

/** What the table holds. */
export function readStates(stateType: StateType): MachineState[] {
  return toStates(rows().map(textOf), stateType);
}

/** Goes to the row of a state; to the first that names it as a next one, where it has none. */
export function goToRow(state: State): void {
  const texts = rows().map(row => ({ row, text: textOf(row) }));
  const own = texts.find(({ text }) => text.name.trim() === String(state));
  const naming = texts.find(({ text }) => splitNames(text.next).includes(String(state)));
  const target = own ? cell(own.row, 'name') : naming && cell(naming.row, 'next');
  target?.trigger('focus').get(0)?.scrollIntoView({ block: 'nearest' });
}

/** Beside the one that adds a row; the published types do not know them. */
function jsonButtons(t: Translate): object {
  return {
    buttons: [
      { id: 'transition-guard-json-import', label: t('transition-guard.button.import') },
      { id: 'transition-guard-json-export', label: t('transition-guard.button.export') },
    ],
  };
}

function list(): JQuery {
  return $('#node-input-states-list');
}

function rows(): JQuery[] {
  return list()
    .editableList('items')
    .toArray()
    .map(element => $(element));
}

function cell(row: JQuery, name: Cell): JQuery {
  return row.find(`.record-updates-state-${name}`);
}

function addRow(t: Translate, container: JQuery, item: RowItem): void {
  const { name = '', role = '', next = [], required = [] } = item.state ?? {};
  item.knownAs = String(name);
  container.addClass('record-updates-state-row').attr('role', 'group');
  container.append(
    input('name', t('transition-guard.label.state'), String(name)),
    roleSelect(t).val(role),
    input('next', t('transition-guard.label.next'), joinNames(next)),
    input('required', t('transition-guard.label.required-fields'), joinNames(required)),
  );
  const called = (): void => {
    const shown = String(cell(container, 'name').val());
    container.attr('aria-label', shown || t('transition-guard.label.add-state'));
  };
  cell(container, 'name').on('input', called);
  called();
  nameRemoveButton(container);
}

/** The states and fields that the API of the records tells. */
function offerNames(t: Translate, row: JQuery, node: string): void {
  const states: Pick = {
    what: 'states',
    node,
    field: () => String(field('node-input', 'field').val()).trim(),
    onPick: ({ isNumber }) => {
      field('node-input', 'stateType')
        .val(isNumber ? 'number' : 'text')
        .trigger('change');
    },
  };
  pickable(t, cell(row, 'name'), states);
  pickable(t, cell(row, 'next'), { ...states, many: true });
  pickable(t, cell(row, 'required'), { what: 'fields', node, many: true });
}

function input(name: Cell, label: string, value: string): JQuery {
  const field = $('<input type="text">').addClass(`record-updates-state-${name}`);
  // What does not fit into the narrow field shows while the mouse rests on it.
  field.on('mouseenter', () => field.attr('title', String(field.val())));
  return field.attr({ 'aria-label': label, placeholder: label }).val(value);
}

function roleSelect(t: Translate): JQuery {
  const select = $('<select class="record-updates-state-role">');
  select.attr('aria-label', t('transition-guard.label.role'));
  return select.append(
    $('<option value="">').text('–'),
    $('<option value="start">').text(t('transition-guard.option.role-start')),
    $('<option value="end">').text(t('transition-guard.option.role-end')),
  );
}

/** For the eyes only: every field has its name of its own. */
function header(t: Translate): JQuery {
  const texts = [
    t('transition-guard.label.state'),
    t('transition-guard.label.role'),
    t('transition-guard.label.next'),
    t('transition-guard.label.required-fields'),
  ];
  const cells = texts.map((text, index) =>
    $('<span>')
      .addClass(`record-updates-state-${CELLS[index] ?? ''}`)
      .text(text),
  );
  const row = $('<div class="record-updates-state-row">').append(...cells);
  return $('<div aria-hidden="true">').append(row);
}

function textOf(row: JQuery): RowText {
  const value = (name: Cell): string => String(cell(row, name).val() ?? '');
  return {
    name: value('name'),
    next: value('next'),
    required: value('required'),
    role: value('role'),
    knownAs: itemOf(row).knownAs ?? '',
  };
}

function itemOf(row: JQuery): RowItem {
  return row.data('data') as RowItem;
}

/** Where a state got another name, the other rows take it over. */
function settleNames(): void {
  const names = renames(rows().map(textOf));
  for (const row of rows()) {
    const next = splitNames(textOf(row).next);
    if (next.some(name => names.has(name))) {
      cell(row, 'next').val(joinNames(next.map(name => names.get(name) ?? name)));
    }
  }
  for (const row of rows()) {
    const { name, knownAs } = textOf(row);
    if (name.trim() !== '') itemOf(row).knownAs = name.trim() || knownAs;
  }
}
