import { currentValue, field, prepareDialog } from '../shared/editor/dialog';
import type { Range } from '../shared/editor/checks';
import type { EditorNode, Validate } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { messageField, recordFields } from '../shared/editor/typed-fields';
import { endpoint, messageProperty, number, typedValue, when } from '../shared/editor/validate';
import type { RecordLockConfig } from './config';

type Node = EditorNode<RecordLockConfig>;

const t = translator('record-lock');
const SECONDS: Range = { min: 0.05, max: 86_400 };

/** The fields that only acquiring needs. */
function acquiring(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'action') === 'acquire', validate);
}

function renewing(validate: Validate<Node>): Validate<Node> {
  return acquiring(when(node => currentValue(node, 'renew') === true, validate));
}

RED.nodes.registerType<RecordLockConfig>('record-lock', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'record-lock.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    action: { value: 'acquire' },
    endpoint: {
      value: '',
      type: 'record-endpoint',
      validate: acquiring(endpoint(t)),
    },
    collection: {
      value: '',
      validate: acquiring(typedValue(t, 'shared.label.collection', 'collectionType')),
    },
    collectionType: { value: 'str' },
    key: { value: 'key', validate: acquiring(typedValue(t, 'shared.label.key', 'keyType')) },
    keyType: { value: 'msg' },
    wait: {
      value: 10,
      validate: acquiring(number(t, 'record-lock.label.wait', { ...SECONDS, min: 0 })),
    },
    lease: { value: 30, validate: acquiring(number(t, 'record-lock.label.lease', SECONDS)) },
    renew: { value: false },
    maxHold: { value: 300, validate: renewing(number(t, 'record-lock.label.max-hold', SECONDS)) },
    queueLimit: {
      value: 100,
      validate: acquiring(
        number(t, 'record-lock.label.queue-limit', { min: 0, max: 1_000_000, whole: true }),
      ),
    },
    lock: { value: 'lock', validate: messageProperty(t, 'shared.label.lock') },
    result: { value: 'update', validate: messageProperty(t, 'shared.label.result') },
    outputs: { value: 2 },
  },
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
    recordFields();
    messageField('lock');
    messageField('result');
    const action = field('node-input', 'action');
    action.on('change', () => {
      field('node-input', 'outputs').val(action.val() === 'release' ? 1 : 2);
    });
    prepareDialog(this, 'node-input');
  },
});
