import { prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { number } from '../shared/editor/validate';
import type { RecordStoreConfig } from './config';

const t = translator('record-store');

RED.nodes.registerType<RecordStoreConfig>('record-store', {
  category: 'config',
  color: '#6E9AA8',
  icon: 'record-store.svg',
  defaults: {
    name: { value: '' },
    keep: { value: 'file' },
    limit: {
      value: 1_000_000,
      validate: number(t, 'record-store.label.limit', { min: 1, max: 10_000_000, whole: true }),
    },
  },
  paletteLabel: 'record-store',
  label() {
    return this.name || t(`record-store.label.summary-${this.keep}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    prepareDialog(this, 'node-config-input');
  },
});
