import { prepareApiTypes, readApiTypes } from '../shared/editor/api-types';
import { checkDecision } from '../shared/editor/decision';
import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, fieldValue, prepareDialog } from '../shared/editor/dialog';
import { checkFieldTypes, prepareFieldTypes, readFieldTypes } from '../shared/editor/field-types';
import { checkMethod } from '../shared/editor/method';
import type { EditorNode } from '../shared/editor/red';
import { pickable } from '../shared/editor/pick';
import { translator } from '../shared/editor/translate';
import {
  expressionField,
  messageField,
  recordFields,
  typedField,
} from '../shared/editor/typed-fields';
import { validators, where } from '../shared/editor/validate';
import { BULK_FIELDS, type BulkUpdateConfig } from './config';

type Node = EditorNode<BulkUpdateConfig>;

const t = translator('bulk-update');
const valid = {
  ...validators<typeof BULK_FIELDS, Node>(t, BULK_FIELDS),
  method: where<Node>(BULK_FIELDS.method, checkMethod(t)),
  decision: where<Node>(BULK_FIELDS.decision, checkDecision(t)),
  fieldTypes: where<Node>(BULK_FIELDS.fieldTypes, checkFieldTypes(t)),
};

RED.nodes.registerType<BulkUpdateConfig>('bulk-update', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'bulk-update.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(BULK_FIELDS, valid, t),
  paletteLabel: 'bulk update',
  label() {
    if (this.name) return this.name;
    if (this.collectionType !== 'str' || this.collection === '') return 'bulk-update';
    return t('bulk-update.label.summary', { collection: this.collection });
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return this.input === 'list' ? t('bulk-update.port.list') : t('bulk-update.port.changes');
  },
  outputLabels(index) {
    if (index === 2) return t('bulk-update.port.progress');
    return index === 0 ? t('bulk-update.port.updated') : t('bulk-update.port.not-updated');
  },
  oneditprepare() {
    fillMissing(this, 'node-input', BULK_FIELDS);
    recordFields(t);
    typedField('list', ['msg', 'flow', 'global', 'json', 'jsonata']);
    typedField('changes', ['msg', 'json', 'flow', 'global', 'jsonata']);
    expressionField('decision');
    for (const name of ['record', 'result', 'lock', 'guard']) messageField(name);
    prepareFieldTypes(t, this.fieldTypes);
    prepareApiTypes(t, this.apiTypes);
    pickable(t, field('node-input', 'guards'), { what: 'fields', many: true });
    pickable(t, field('node-input', 'stamp'), { what: 'fields' });
    pickable(t, field('node-input', 'keyMember'), { what: 'keys', many: true });
    const progress = field('node-input', 'progress');
    progress.on('change', () => {
      field('node-input', 'outputs').val(fieldValue(progress) === true ? 3 : 2);
    });
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.fieldTypes = readFieldTypes();
    this.apiTypes = readApiTypes();
  },
});
