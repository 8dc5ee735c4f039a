import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { messageField, recordFields } from '../shared/editor/typed-fields';
import { validators } from '../shared/editor/validate';
import { LOCK_FIELDS, type RecordLockConfig } from './config';

const t = translator('record-lock');
const valid = validators(t, LOCK_FIELDS);

/** Lock names and leases, in seconds, as they are in use. */
const PRESETS: Readonly<Record<string, { readonly lockName: string; readonly lease: number }>> = {
  order: { lockName: 'LOCK:ORDER:{id}', lease: 30 },
  territory: { lockName: 'territory:lock:{id}', lease: 300 },
};

function applyPreset(select: JQuery): void {
  const preset = PRESETS[String(select.val())];
  if (preset === undefined) return;
  field('node-input', 'lockName').val(preset.lockName).trigger('change');
  field('node-input', 'lease').val(preset.lease).trigger('change');
}

RED.nodes.registerType<RecordLockConfig>('record-lock', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'record-lock.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(LOCK_FIELDS, valid, t),
  paletteLabel: 'record lock',
  label() {
    return this.name || t(`record-lock.label.summary-${this.action}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('record-lock.port.in');
  },
  outputLabels(index) {
    if (this.action === 'release') return t('record-lock.port.released');
    return index === 0 ? t('record-lock.port.acquired') : t('record-lock.port.not-acquired');
  },
  oneditprepare() {
    fillMissing(this, 'node-input', LOCK_FIELDS);
    recordFields(t);
    messageField('lock');
    messageField('result');
    const action = field('node-input', 'action');
    action.on('change', () => {
      field('node-input', 'outputs').val(action.val() === 'release' ? 1 : 2);
    });
    $('#record-lock-preset').on('change', event => {
      applyPreset($(event.currentTarget));
    });
    prepareDialog(this, 'node-input');
  },
});
