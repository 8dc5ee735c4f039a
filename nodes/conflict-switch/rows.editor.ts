import { OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import type { Translate, Validity } from '../shared/checks';
import { nameRemoveButton } from '../shared/editor/lists';
import type { SwitchRow } from './config';
import { createOutputMap } from './output-map.editor';

/** One row of the list: what it takes, and its output before the dialog was opened. */
interface RowItem {
  row?: SwitchRow;
  output?: number;
}

/** Sets up the list of outputs. */
export function prepareRows(t: Translate, rows: readonly SwitchRow[]): void {
  const map = createOutputMap<RowItem>($('#node-input-outputs'));
  const renumber = (): void => {
    map.update(items());
    number();
  };
  list().editableList<RowItem>({
    addButton: t('conflict-switch.label.add-row'),
    removable: true,
    sortable: true,
    addItem: (container, _index, item) => {
      addRow(t, container, item);
      window.setTimeout(renumber);
    },
    removeItem: item => {
      map.removed(item);
      renumber();
    },
    sortItems: renumber,
  });
  list().editableList(
    'addItems',
    rows.map((row, output) => ({ row, output })),
  );
}

/** What the list holds. */
export function readRows(): SwitchRow[] {
  return list()
    .editableList('items')
    .toArray()
    .map(element => readRow($(element)));
}

/** What one row takes, in words. */
export function rowSummary(t: Translate, row: SwitchRow): string {
  if (row.otherwise) return t('conflict-switch.label.otherwise');
  if (row.outcomes.length === 0) return t('conflict-switch.label.nothing');
  return row.outcomes.join(', ');
}

/** Every row takes something, no outcome is taken twice, and nothing stands below "otherwise". */
export function checkRows(t: Translate): (value: unknown) => Validity {
  return value => {
    const rows = Array.isArray(value) ? (value as SwitchRow[]) : [];
    if (rows.length === 0) return t('conflict-switch.errors.no-rows');
    const empty = rows.findIndex(row => !row.otherwise && row.outcomes.length === 0);
    if (empty >= 0) return t('conflict-switch.errors.empty-row', { row: empty + 1 });
    const rest = rows.findIndex(row => row.otherwise);
    if (rest >= 0 && rest < rows.length - 1) return t('conflict-switch.errors.after-otherwise');
    const taken = rows.flatMap(row => row.outcomes);
    const twice = taken.find((outcome, index) => taken.indexOf(outcome) !== index);
    return twice === undefined || t('conflict-switch.errors.taken-twice', { outcome: twice });
  };
}

function list(): JQuery {
  return $('#node-input-rows-list');
}

function items(): RowItem[] {
  return list()
    .editableList('items')
    .toArray()
    .map(element => $(element).data('data') as RowItem);
}

function number(): void {
  list()
    .editableList('items')
    .each((index, element) => {
      $(element)
        .find('.record-updates-row-number')
        .text(`→ ${String(index + 1)}`);
    });
}

/** A row folds its check boxes away below a line that says what is ticked. */
function addRow(t: Translate, container: JQuery, item: RowItem): void {
  const row = item.row ?? { outcomes: [], otherwise: false };
  const details = $('<details class="record-updates-row">').prop('open', item.row === undefined);
  const summary = $('<summary>').appendTo(details);
  const text = $('<span class="record-updates-row-text">').appendTo(summary);
  $('<span class="record-updates-row-number">').appendTo(summary);
  const choices = $('<div class="record-updates-choices" role="group">').appendTo(details);
  for (const outcome of OUTCOMES) {
    choices.append(choice(outcome, outcome, row.outcomes.includes(outcome)));
  }
  choices.append(choice('otherwise', t('conflict-switch.label.otherwise'), row.otherwise));
  const update = (): void => {
    const chosen = readRow(details);
    choices.find('input:not([value="otherwise"])').prop('disabled', chosen.otherwise);
    text.text(rowSummary(t, chosen));
  };
  choices.on('change', update);
  update();
  container.append(details);
  nameRemoveButton(container);
}

function choice(value: string, label: string, checked: boolean): JQuery {
  const box = $('<input type="checkbox">').val(value).prop('checked', checked);
  return $('<label>').append(box, document.createTextNode(` ${label}`));
}

function readRow(element: JQuery): SwitchRow {
  const chosen = new Set<unknown>(
    element
      .find('input:checked')
      .toArray()
      .map(box => $(box).val()),
  );
  const otherwise = chosen.has('otherwise');
  const outcomes: Outcome[] = otherwise ? [] : OUTCOMES.filter(outcome => chosen.has(outcome));
  return { outcomes, otherwise };
}
