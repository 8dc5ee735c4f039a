import { prepareApiTypes, readApiTypes } from '../shared/editor/api-types';
import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { pickable } from '../shared/editor/pick';
import { translator } from '../shared/editor/translate';
import {
  expressionField,
  expressionType,
  messageField,
  recordFields,
  typedField,
} from '../shared/editor/typed-fields';
import { validators, where } from '../shared/editor/validate';
import { UPDATE_FIELDS, type ConditionalUpdateConfig } from './config';
import { checkDecision } from '../shared/editor/decision';
import { checkFieldRows, prepareFieldRows, readFieldRows } from './field-rows.editor';
import { checkFieldTypes, prepareFieldTypes, readFieldTypes } from '../shared/editor/field-types';
import { checkMethod } from '../shared/editor/method';

type Node = EditorNode<ConditionalUpdateConfig>;

const t = translator('conditional-update');
const valid = {
  ...validators<typeof UPDATE_FIELDS, Node>(t, UPDATE_FIELDS),
  fields: where<Node>(UPDATE_FIELDS.fields, checkFieldRows(t)),
  method: where<Node>(
    UPDATE_FIELDS.method,
    checkMethod(t, { ACTION: 'conditional-update.option.method-action' }),
  ),
  decision: where<Node>(UPDATE_FIELDS.decision, checkDecision(t)),
  fieldTypes: where<Node>(UPDATE_FIELDS.fieldTypes, checkFieldTypes(t)),
};

RED.nodes.registerType<ConditionalUpdateConfig>('conditional-update', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'conditional-update.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(UPDATE_FIELDS, valid, t),
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
    fillMissing(this, 'node-input', UPDATE_FIELDS);
    recordFields(t);
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
      expressionType('computed', t('conditional-update.option.changes-computed')),
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
    for (const name of ['record', 'result', 'lock', 'guard', 'ticket']) messageField(name);
    prepareFieldTypes(t, this.fieldTypes);
    prepareApiTypes(t, this.apiTypes);
    pickable(t, field('node-input', 'guards'), { what: 'fields', many: true });
    pickable(t, field('node-input', 'stamp'), { what: 'fields' });
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.fields = readFieldRows();
    this.fieldTypes = readFieldTypes();
    this.apiTypes = readApiTypes();
  },
});
