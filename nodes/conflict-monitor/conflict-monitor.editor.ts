import { beside } from '../shared/editor/beside';
import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog, setFieldValue } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { validators } from '../shared/editor/validate';
import {
  MONITOR_CREDENTIALS,
  MONITOR_FIELDS,
  type ConflictMonitorConfig,
  type ConflictMonitorCredentials,
} from './config';
import { presetOf } from './presets.editor';

type Node = EditorNode<ConflictMonitorConfig>;

const t = translator('conflict-monitor');
const fits = validators<typeof MONITOR_FIELDS, Node>(t, MONITOR_FIELDS);
const notAbove = (name: 'conflictClear' | 'permanentClear', other: keyof ConflictMonitorConfig) =>
  beside<Node>(t, {
    field: MONITOR_FIELDS[name],
    alone: fits[name],
    other,
    fit: (clear, above) => clear <= above,
    said: 'conflict-monitor.errors.clear-above',
  });
const valid = {
  ...fits,
  conflictClear: notAbove('conflictClear', 'conflictAbove'),
  permanentClear: notAbove('permanentClear', 'permanentAbove'),
  retryClear: beside<Node>(t, {
    field: MONITOR_FIELDS.retryClear,
    alone: fits.retryClear,
    other: 'retryBelow',
    fit: (clear, below) => clear >= below,
    said: 'conflict-monitor.errors.clear-below',
  }),
};

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
