import { currentValue, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode, Validate } from '../shared/editor/red';
import { retryValidators } from '../shared/editor/retry-fields';
import { translator } from '../shared/editor/translate';
import { keyField, messageField } from '../shared/editor/typed-fields';
import { endpoint, messageProperty, typedValue, when } from '../shared/editor/validate';
import type { BackoffDelayConfig } from './config';

type Node = EditorNode<BackoffDelayConfig>;

const t = translator('backoff-delay');
const retry = retryValidators<Node>(t);

function own(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'policy') === 'own', validate);
}

RED.nodes.registerType<BackoffDelayConfig>('backoff-delay', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'backoff-delay.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    policy: { value: 'endpoint' },
    endpoint: {
      value: '',
      type: 'record-endpoint',
      validate: when(node => currentValue(node, 'policy') === 'endpoint', endpoint(t)),
    },
    key: { value: 'key', validate: typedValue(t, 'shared.label.key', 'keyType') },
    keyType: { value: 'msg' },
    result: { value: 'update', validate: messageProperty(t, 'shared.label.result') },
    conflictRetries: { value: 8, validate: own(retry.conflictRetries) },
    transientRetries: { value: 4, validate: own(retry.transientRetries) },
    deadline: { value: 30, validate: own(retry.deadline) },
    // Part of every policy, but without a field: this node sends no requests.
    timeout: { value: 10 },
    schedule: { value: 'exponential' },
    base: { value: '', validate: own(retry.base) },
    factor: { value: 2, validate: own(retry.factor) },
    cap: { value: 2, validate: own(retry.cap) },
    waits: { value: '0.5, 1.5, 4', validate: own(retry.waits) },
    jitter: { value: 'full' },
    jitterPercent: { value: 10, validate: own(retry.jitterPercent) },
    firstAtOnce: { value: true },
  },
  paletteLabel: 'backoff delay',
  label() {
    return this.name || 'backoff-delay';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('backoff-delay.port.in');
  },
  outputLabels(index) {
    return index === 0 ? t('backoff-delay.port.again') : t('backoff-delay.port.given-up');
  },
  oneditprepare() {
    keyField();
    messageField('result');
    prepareDialog(this, 'node-input');
  },
});
