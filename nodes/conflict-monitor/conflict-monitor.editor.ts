import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog, setFieldValue } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { validators } from '../shared/editor/validate';
import {
  MONITOR_CREDENTIALS,
  MONITOR_FIELDS,
  type ConflictMonitorConfig,
  type ConflictMonitorCredentials,
} from './config';
import { presetOf } from './presets.editor';

const t = translator('conflict-monitor');
const valid = validators(t, MONITOR_FIELDS);

RED.nodes.registerType<ConflictMonitorConfig, ConflictMonitorCredentials>('conflict-monitor', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'conflict-monitor.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(MONITOR_FIELDS, valid, t),
  credentials: MONITOR_CREDENTIALS,
  paletteLabel: 'conflict monitor',
  label() {
    return this.name || 'conflict-monitor';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('conflict-monitor.port.in');
  },
  outputLabels(index) {
    return index === 0 ? t('conflict-monitor.port.alerts') : t('conflict-monitor.port.summary');
  },
  oneditprepare() {
    fillMissing(this, 'node-input', MONITOR_FIELDS);
    preparePreset();
    prepareDialog(this, 'node-input');
  },
});

/** It only fills in other fields; which one was chosen is not kept. */
function preparePreset(): void {
  const choice = $('#conflict-monitor-preset');
  choice.on('change', () => {
    for (const [name, value] of Object.entries(presetOf(choice.val()))) {
      const input = field('node-input', name);
      setFieldValue(input, value);
      input.trigger('change');
    }
  });
}
