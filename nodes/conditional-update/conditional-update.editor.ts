import { currentValue, prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import {
  expressionField,
  messageField,
  recordFields,
  typedField,
} from '../shared/editor/typed-fields';
import { messageProperty, number, typedValue, validator, when } from '../shared/editor/validate';
import { checkFieldTypes, prepareFieldTypes, readFieldTypes } from './field-types.editor';
import { checkDecision } from './decision.editor';
import type { ConditionalUpdateConfig } from './config';

const t = translator('conditional-update');

RED.nodes.registerType<ConditionalUpdateConfig>('conditional-update', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'conditional-update.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    endpoint: {
      value: '',
      type: 'record-endpoint',
      required: true,
      label: t('shared.label.endpoint'),
    },
    collection: {
      value: '',
      required: true,
      label: t('shared.label.collection'),
      validate: typedValue(t, 'shared.label.collection', 'collectionType'),
    },
    collectionType: { value: 'str' },
    key: { value: 'key', validate: typedValue(t, 'shared.label.key', 'keyType') },
    keyType: { value: 'msg' },
    changes: {
      value: 'payload',
      validate: typedValue(t, 'conditional-update.label.changes', 'changesType'),
    },
    changesType: { value: 'msg' },
    method: { value: 'PATCH' },
    mode: { value: 'resolve' },
    guards: { value: '' },
    rule: { value: 'report' },
    decision: {
      value: '',
      validate: when(node => currentValue(node, 'rule') === 'decide', validator(checkDecision(t))),
    },
    force: { value: false },
    serialize: { value: true },
    lockWait: {
      value: 30,
      validate: when(
        node => currentValue(node, 'serialize') === true,
        number(t, 'conditional-update.label.lock-wait', { min: 0, max: 86_400 }),
      ),
    },
    fieldTypes: { value: [], validate: validator(checkFieldTypes(t)) },
    record: { value: 'record', validate: messageProperty(t, 'shared.label.record') },
    result: { value: 'update', validate: messageProperty(t, 'shared.label.result') },
    lock: { value: 'lock', validate: messageProperty(t, 'shared.label.lock') },
  },
  paletteLabel: 'conditional update',
  label() {
    if (this.name) return this.name;
    if (this.collectionType !== 'str' || this.collection === '') return 'conditional-update';
    return t('conditional-update.label.summary', { collection: this.collection });
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('conditional-update.port.in');
  },
  outputLabels(index) {
    return index === 0
      ? t('conditional-update.port.updated')
      : t('conditional-update.port.not-updated');
  },
  oneditprepare() {
    recordFields();
    typedField('changes', ['msg', 'json', 'flow', 'global', 'jsonata']);
    expressionField('decision');
    for (const name of ['record', 'result', 'lock']) messageField(name);
    prepareFieldTypes(t, this.fieldTypes);
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.fieldTypes = readFieldTypes();
  },
});
