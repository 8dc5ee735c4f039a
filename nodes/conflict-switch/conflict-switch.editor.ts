import { prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { messageField } from '../shared/editor/typed-fields';
import { messageProperty, validator } from '../shared/editor/validate';
import { checkRows, prepareRows, readRows, rowSummary } from './rows.editor';
import { DEFAULT_ROWS, type ConflictSwitchConfig } from './config';

const t = translator('conflict-switch');

RED.nodes.registerType<ConflictSwitchConfig>('conflict-switch', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'conflict-switch.svg',
  inputs: 1,
  outputs: 4,
  defaults: {
    name: { value: '' },
    result: { value: 'update', validate: messageProperty(t, 'shared.label.result') },
    rows: { value: DEFAULT_ROWS, validate: validator(checkRows(t)) },
    outputs: { value: 4 },
  },
  paletteLabel: 'conflict switch',
  label() {
    return this.name || 'conflict-switch';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('conflict-switch.port.in');
  },
  outputLabels(index) {
    const row = this.rows[index];
    return row === undefined ? undefined : rowSummary(t, row);
  },
  oneditprepare() {
    messageField('result');
    prepareRows(t, this.rows);
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.rows = readRows();
  },
});
