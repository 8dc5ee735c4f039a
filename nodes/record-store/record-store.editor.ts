import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { validators } from '../shared/editor/validate';
import {
  STORE_CREDENTIALS,
  STORE_FIELDS,
  type RecordStoreConfig,
  type RecordStoreCredentials,
} from './config';
import { showStranded } from './queues.editor';
import { prepareTest } from './test.editor';

const t = translator('record-store');
const valid = validators(t, STORE_FIELDS);

RED.nodes.registerType<RecordStoreConfig, RecordStoreCredentials>('record-store', {
  category: 'config',
  color: '#6E9AA8',
  icon: 'record-store.svg',
  defaults: defaults(STORE_FIELDS, valid, t),
  credentials: STORE_CREDENTIALS,
  paletteLabel: 'record-store',
  label() {
    return this.name || t(`record-store.label.summary-${this.keep}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    fillMissing(this, 'node-config-input', STORE_FIELDS);
    prepareAddress();
    prepareDialog(this, 'node-config-input');
    prepareTest(t, this);
    showStranded(t, this);
  },
});

/** Sentinels listen elsewhere than what they watch. */
function prepareAddress(): void {
  const mode = field('node-config-input', 'mode');
  mode.on('change', () => {
    const port = mode.val() === 'sentinel' ? 26379 : 6379;
    field('node-config-input', 'server').attr('placeholder', `redis.example.com:${port}`);
  });
}
