import { fillMissing } from '../shared/editor/defaults';
import { currentValue, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode, Validate } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { messageField, typedField } from '../shared/editor/typed-fields';
import {
  messageProperty,
  number,
  text,
  typedValue,
  validator,
  when,
} from '../shared/editor/validate';
import { checkStates } from './check-states.editor';
import { GUARD_DEFAULTS, type TransitionGuardConfig } from './config';
import { currentStates, prepareMachine } from './machine.editor';

type Node = EditorNode<TransitionGuardConfig>;
type OpenRule = TransitionGuardConfig['openRule'];

const t = translator('transition-guard');

/** The same validator, asked only with rules that need the field. */
function withRule(rules: readonly OpenRule[], validate: Validate<Node>): Validate<Node> {
  return when(node => rules.some(rule => rule === currentValue(node, 'openRule')), validate);
}

RED.nodes.registerType<TransitionGuardConfig>('transition-guard', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'transition-guard.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    changes: {
      value: 'payload',
      validate: messageProperty(t, 'transition-guard.label.changes'),
    },
    field: { value: 'status', validate: text(t, 'transition-guard.label.field') },
    stateType: { value: 'text' },
    states: {
      value: [],
      validate: validator<Node>((value, node) =>
        checkStates(t, value, currentValue(node, 'stateType')),
      ),
    },
    required: { value: 'here' },
    eventTime: {
      value: 'event.at',
      validate: when(
        node => currentValue(node, 'eventTime') !== '',
        typedValue(t, 'transition-guard.label.event-time', 'eventTimeType'),
      ),
    },
    eventTimeType: { value: 'msg' },
    sinceField: { value: '' },
    openRule: { value: 'off' },
    openByField: {
      value: '',
      validate: withRule(['any', 'other'], text(t, 'transition-guard.label.open-by')),
    },
    openAtField: {
      value: '',
      validate: withRule(['newer'], text(t, 'transition-guard.label.open-at')),
    },
    openOurs: {
      value: '',
      validate: withRule(['other'], text(t, 'transition-guard.label.open-ours')),
    },
    openMinutes: {
      value: 15,
      validate: withRule(
        ['newer'],
        number(t, 'transition-guard.label.open-minutes', { min: 0.1, max: 10_080 }),
      ),
    },
    whenOpen: { value: 'busy' },
    missingMeansEmpty: { value: false },
    steps: { value: false },
    record: { value: 'record', validate: messageProperty(t, 'shared.label.record') },
    guard: { value: 'guard', validate: messageProperty(t, 'shared.label.guard') },
    result: { value: 'update', validate: messageProperty(t, 'shared.label.result') },
  },
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
    fillMissing(this, 'node-input', GUARD_DEFAULTS);
    for (const name of ['changes', 'record', 'guard', 'result']) messageField(name);
    typedField('eventTime', ['msg', 'jsonata', 'flow', 'global']);
    prepareMachine(t, this.states);
    prepareDialog(this, 'node-input');
  },
  oneditsave() {
    this.states = currentStates();
  },
});
