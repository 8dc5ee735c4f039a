import { checkField, type Translate, type Validity } from '../checks';
import { nameRemoveButton } from './lists';
import { pickable } from './pick';
import { FIELD_TYPE_ROW, type FieldTypeRow } from '../update-fields';

const TYPES: readonly FieldTypeRow['type'][] = [
  'decimal',
  'integer',
  'date',
  'date-time',
  'guid',
  'lookup',
  'text',
  'code',
  'member',
];

/** Sets up the table "Compare as". */
export function prepareFieldTypes(t: Translate, rows: readonly FieldTypeRow[]): void {
  list().editableList<Partial<FieldTypeRow>>({
    addButton: t('shared.label.add-field-type'),
    removable: true,
    addItem: (container, _index, row) => {
      addRow(t, container, row);
    },
  });
  list().editableList('addItems', [...rows]);
}

/** What the table holds; rows without a field name are left out. */
export function readFieldTypes(): FieldTypeRow[] {
  return list()
    .editableList('items')
    .toArray()
    .map(readRow)
    .filter(row => row.name !== '');
}

/** Checks that no field is declared twice and that decimal places are numbers. */
export function checkFieldTypes(t: Translate): (value: unknown) => Validity {
  return value => {
    const rows = Array.isArray(value) ? (value as FieldTypeRow[]) : [];
    const names = rows.map(row => row.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) return t('shared.errors.field-type-twice', { name: twice });
    const checked = rows.flatMap(({ scale, member, type }) => [
      checkField(t, FIELD_TYPE_ROW.scale, scale, () => type),
      checkField(t, FIELD_TYPE_ROW.member, member ?? '', () => type),
    ]);
    return checked.find(validity => validity !== true) ?? true;
  };
}

function list(): JQuery {
  return $('#node-input-fieldTypes-list');
}

function addRow(t: Translate, container: JQuery, row: Partial<FieldTypeRow>): void {
  container.addClass('record-updates-type-row');
  const name = $('<input type="text" class="record-updates-type-name">').val(row.name ?? '');
  name.attr({
    placeholder: t('shared.placeholder.field'),
    'aria-label': t('shared.placeholder.field'),
  });
  const type = typeSelect(t).val(row.type ?? 'decimal');
  const scale = $('<input type="text" inputmode="numeric" class="record-updates-type-scale">');
  scale.val(row.scale ?? '').attr({
    placeholder: t('shared.placeholder.scale'),
    'aria-label': t('shared.label.scale'),
  });
  const member = $('<input type="text" class="record-updates-type-member">').val(row.member ?? '');
  member.attr({ placeholder: 'value', 'aria-label': t('shared.label.member') });
  const update = (): void => {
    scale.prop('hidden', type.val() !== 'decimal');
    member.prop('hidden', type.val() !== 'member');
  };
  type.on('change', update);
  container.append(name, type, scale, member);
  pickable(t, name, {
    what: 'fields',
    onPick: ({ comparedAs }) => {
      type.val(comparedAs ?? 'text').trigger('change');
    },
  });
  nameRemoveButton(container);
  update();
}

function typeSelect(t: Translate): JQuery {
  const select = $('<select class="record-updates-type-kind">');
  select.attr('aria-label', t('shared.label.field-types'));
  for (const type of TYPES) {
    $('<option>')
      .val(type)
      .text(t(`shared.option.type-${type}`))
      .appendTo(select);
  }
  return select;
}

function readRow(element: HTMLElement): FieldTypeRow {
  const row = $(element);
  const type = row.find('.record-updates-type-kind').val() as FieldTypeRow['type'];
  const scale = String(row.find('.record-updates-type-scale').val() ?? '').trim();
  const member = String(row.find('.record-updates-type-member').val() ?? '').trim();
  return {
    name: String(row.find('.record-updates-type-name').val() ?? '').trim(),
    type,
    scale: type === 'decimal' ? scale : '',
    ...(type === 'member' ? { member } : {}),
  };
}
