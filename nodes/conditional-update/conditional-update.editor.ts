import { fillMissing, since } from '../shared/editor/defaults';
import { currentValue, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode, Validate } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import {
  expressionField,
  messageField,
  recordFields,
  typedField,
} from '../shared/editor/typed-fields';
import {
  messageProperty,
  number,
  text,
  typedValue,
  validator,
  when,
} from '../shared/editor/validate';
import { checkFieldTypes, prepareFieldTypes, readFieldTypes } from './field-types.editor';
import { checkDecision } from './decision.editor';
import { checkFieldRows, prepareFieldRows, readFieldRows } from './field-rows.editor';
import { checkMethod } from './method.editor';
import { UPDATE_DEFAULTS, type ConditionalUpdateConfig } from './config';

type Node = EditorNode<ConditionalUpdateConfig>;

const t = translator('conditional-update');

function whenAction(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'method') === 'ACTION', validate);
}

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
      validate: when(
        node => currentValue(node, 'changesType') !== 'fields',
        typedValue(t, 'conditional-update.label.changes', 'changesType'),
      ),
    },
    changesType: { value: 'msg' },
    fields: {
      value: [],
      validate: since(
        when(node => currentValue(node, 'changesType') === 'fields', validator(checkFieldRows(t))),
      ),
    },
    method: { value: 'PATCH', validate: validator(checkMethod(t)) },
    action: {
      value: '',
      validate: since(whenAction(text(t, 'conditional-update.label.action'))),
    },
    parameters: {
      value: '',
      validate: since(
        whenAction(
          when(
            node => currentValue(node, 'parametersType') !== 'changes',
            typedValue(t, 'conditional-update.label.parameters', 'parametersType'),
          ),
        ),
      ),
    },
    parametersType: { value: 'changes' },
    stamp: { value: '' },
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
    guard: { value: 'guard', validate: since(messageProperty(t, 'shared.label.guard')) },
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
    fillMissing(this, 'node-input', UPDATE_DEFAULTS);
    recordFields();
    typedField('changes', [
      'msg',
      'json',
      'flow',
      'global',
      'jsonata',
      {
        value: 'fields',
        label: t('conditional-update.option.changes-fields'),
        hasValue: false,
      },
    ]);
    prepareFieldRows(t, this.fields);
    typedField('parameters', [
      {
        value: 'changes',
        label: t('conditional-update.option.parameters-changes'),
        hasValue: false,
      },
      'msg',
      'json',
      'flow',
      'global',
      'jsonata',
    ]);
    expressionField('decision');
    for (const name of ['record', 'result', 'lock', 'guard']) messageField(name);
    prepareFieldTypes(t, this.fieldTypes);
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.fields = readFieldRows();
    this.fieldTypes = readFieldTypes();
  },
});
