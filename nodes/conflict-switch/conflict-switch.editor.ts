import { defaults, fillMissing } from '../shared/editor/defaults';
import { prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { messageField } from '../shared/editor/typed-fields';
import { validators, where } from '../shared/editor/validate';
import { SWITCH_FIELDS, type ConflictSwitchConfig } from './config';
import { checkRows, prepareRows, readRows, rowSummary } from './rows.editor';

const t = translator('conflict-switch');
const valid = {
  ...validators(t, SWITCH_FIELDS),
  rows: where(SWITCH_FIELDS.rows, checkRows(t)),
};

RED.nodes.registerType<ConflictSwitchConfig>('conflict-switch', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'conflict-switch.svg',
  inputs: 1,
  outputs: 4,
  defaults: defaults(SWITCH_FIELDS, valid, t),
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
    fillMissing(this, 'node-input', SWITCH_FIELDS);
    messageField('result');
    prepareRows(t, this.rows);
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.rows = readRows();
  },
});
