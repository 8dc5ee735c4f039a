import { defaults, fillMissing } from '../shared/editor/defaults';
import { currentValue, field, prepareDialog } from '../shared/editor/dialog';
import { pickable } from '../shared/editor/pick';
import type { EditorNode } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { messageField, typedField } from '../shared/editor/typed-fields';
import { validators, where } from '../shared/editor/validate';
import { checkStates } from './check-states.editor';
import { GUARD_FIELDS, type TransitionGuardConfig } from './config';
import { currentStates, prepareMachine } from './machine.editor';

type Node = EditorNode<TransitionGuardConfig>;

const t = translator('transition-guard');
const valid = {
  ...validators<typeof GUARD_FIELDS, Node>(t, GUARD_FIELDS),
  states: where<Node>(GUARD_FIELDS.states, (value, node) =>
    checkStates(t, value, currentValue(node, 'stateType')),
  ),
};

RED.nodes.registerType<TransitionGuardConfig>('transition-guard', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'transition-guard.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(GUARD_FIELDS, valid, t),
  paletteLabel: 'transition guard',
  label() {
    return this.name || t('transition-guard.label.summary', { field: this.field });
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('transition-guard.port.in');
  },
  outputLabels(index) {
    return index === 0
      ? t('transition-guard.port.allowed')
      : t('transition-guard.port.not-allowed');
  },
  oneditprepare() {
    fillMissing(this, 'node-input', GUARD_FIELDS);
    for (const name of ['changes', 'record', 'guard', 'result']) messageField(name);
    typedField('eventTime', ['msg', 'jsonata', 'flow', 'global']);
    for (const name of ['field', 'sinceField', 'openByField', 'openAtField'] as const) {
      pickable(t, field('node-input', name), { what: 'fields', node: this.id });
    }
    prepareMachine(t, this.states, this.id);
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.states = currentStates();
  },
});
