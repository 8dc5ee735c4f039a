import { checkText, isEnvironment, type Translate, type Validity } from '../shared/checks';
import { keepFocus, nameRemoveButton } from '../shared/editor/lists';
import { pickable } from '../shared/editor/pick';
import { expressionType, nameTypedInput } from '../shared/editor/typed-fields';
import type { FieldRow } from './config';

type ComputedType = Extract<FieldRow['valueType'], 'add' | 'record'>;

/** Types of our own: expressions over the record as it was just read. */
const COMPUTED: readonly ComputedType[] = ['add', 'record'];

/** Sets up the table that builds the changes. A node saved by an earlier version has no rows. */
export function prepareFieldRows(t: Translate, rows: readonly FieldRow[] | undefined): void {
  list().editableList<Partial<FieldRow>>({
    addButton: t('conditional-update.label.add-field'),
    removable: true,
    addItem: (container, _index, row) => {
      addRow(t, container, row);
    },
    removeItem: () => {
      markNames();
      keepFocus(list());
    },
  });
  list().editableList('addItems', [...(rows ?? [])]);
  list().on('change', markNames);
  markNames();
}

/** What the table holds; rows that were never filled in are left out. */
export function readFieldRows(): FieldRow[] {
  return list()
    .editableList('items')
    .toArray()
    .map(readRow)
    .filter(row => row.field !== '' || row.value !== '');
}

/** There are rows, each names another field, and their values are of their types. */
export function checkFieldRows(t: Translate): (value: unknown) => Validity {
  return value => {
    const rows = Array.isArray(value) ? (value as FieldRow[]) : [];
    if (rows.length === 0) return t('conditional-update.errors.no-fields');
    const unnamed = rows.findIndex(row => row.field === '');
    if (unnamed >= 0) return t('conditional-update.errors.field-unnamed', { row: unnamed + 1 });
    const twice = repeated(rows.map(row => row.field));
    if (twice !== undefined) return t('conditional-update.errors.field-twice', { name: twice });
    const checked = rows.map(row => checkValue(t, row));
    return checked.find(validity => validity !== true) ?? true;
  };
}

/** An empty text is a value too. */
function checkValue(t: Translate, { field, value, valueType }: FieldRow): Validity {
  if (valueType === 'str' || isEnvironment(value)) return true;
  const type = (COMPUTED as readonly string[]).includes(valueType) ? 'jsonata' : valueType;
  const label = t('conditional-update.label.value-of', { field });
  const filled = checkText(t, label, value);
  return filled === true ? RED.utils.validateTypedProperty(value, type, { label }) : filled;
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

function list(): JQuery {
  return $('#node-input-fields-list');
}

function addRow(t: Translate, container: JQuery, row: Partial<FieldRow>): void {
  container.addClass('record-updates-field-row');
  const name = $('<input type="text" class="record-updates-field-name">').val(row.field ?? '');
  name.attr({
    placeholder: t('shared.placeholder.field'),
    'aria-label': t('shared.placeholder.field'),
  });
  const arrow = $('<span aria-hidden="true">').text('←');
  const value = $('<input type="text" class="record-updates-field-value" style="width: 100%">');
  const optional = $('<input type="checkbox">').prop('checked', row.optional === true);
  const text = document.createTextNode(` ${t('conditional-update.label.optional')}`);
  container.append(name, arrow, value, $('<label>').append(optional, text));
  pickable(t, name, { what: 'fields' });
  value.val(row.value ?? '').typedInput({
    default: row.valueType ?? 'msg',
    types: [
      ...(['msg', 'str', 'num', 'bool', 'json', 'jsonata', 'flow', 'global', 'env'] as const),
      ...COMPUTED.map(type => expressionType(type, t(`conditional-update.option.value-${type}`))),
    ],
  });
  nameTypedInput(value, t('conditional-update.label.value'));
  nameRemoveButton(container);
}

function readRow(element: HTMLElement): FieldRow {
  const row = $(element);
  const value = row.find('input.record-updates-field-value');
  return {
    field: String(row.find('.record-updates-field-name').val() ?? '').trim(),
    value: value.typedInput('value'),
    valueType: value.typedInput('type') as FieldRow['valueType'],
    optional: row.find('label input').is(':checked'),
  };
}

/** Marks the names that are not usable: none, or one that stands in two rows. */
function markNames(): void {
  const inputs = list().find('.record-updates-field-name').toArray();
  const names = inputs.map(input => String($(input).val() ?? '').trim());
  inputs.forEach((input, index) => {
    const name = names[index] ?? '';
    const usable = name !== '' && names.indexOf(name) === names.lastIndexOf(name);
    $(input).toggleClass('input-error', !usable);
  });
}
