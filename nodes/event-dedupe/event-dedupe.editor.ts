import type { Range } from '../shared/editor/checks';
import { currentValue, field, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode, Validate } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { keyField, messageField, typedField } from '../shared/editor/typed-fields';
import { messageProperty, number, typedValue, when } from '../shared/editor/validate';
import type { EventDedupeConfig } from './config';

type Node = EditorNode<EventDedupeConfig>;

const t = translator('event-dedupe');
const SECONDS: Range = { min: 0.05, max: 86_400 };

function isChecking(action: unknown): boolean {
  return action === 'check' || action === 'check-confirm';
}

/** The fields that only checking needs. */
function checking(validate: Validate<Node>): Validate<Node> {
  return when(node => isChecking(currentValue(node, 'action')), validate);
}

/** The fields of the second window. */
function same(validate: Validate<Node>): Validate<Node> {
  return checking(when(node => currentValue(node, 'same') === true, validate));
}

RED.nodes.registerType<EventDedupeConfig>('event-dedupe', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'event-dedupe.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    action: { value: 'check' },
    store: {
      value: '',
      type: 'record-store',
      required: true,
      label: t('event-dedupe.label.store'),
    },
    eventId: {
      value: 'event.id',
      validate: checking(typedValue(t, 'event-dedupe.label.event-id', 'eventIdType')),
    },
    eventIdType: { value: 'msg' },
    window: {
      value: 24,
      validate: checking(number(t, 'event-dedupe.label.window', { min: 1, max: 1_000_000 })),
    },
    windowUnit: { value: 'hours' },
    claim: {
      value: 300,
      validate: when(
        node => currentValue(node, 'action') === 'check',
        number(t, 'event-dedupe.label.claim', SECONDS),
      ),
    },
    same: { value: false },
    sameWindow: {
      value: 60,
      validate: same(number(t, 'event-dedupe.label.same-window', SECONDS)),
    },
    key: { value: 'key', validate: same(typedValue(t, 'shared.label.key', 'keyType')) },
    keyType: { value: 'msg' },
    target: {
      value: 'payload.status',
      validate: same(typedValue(t, 'event-dedupe.label.target', 'targetType')),
    },
    targetType: { value: 'msg' },
    event: { value: 'event', validate: messageProperty(t, 'event-dedupe.label.event') },
    outputs: { value: 2 },
  },
  paletteLabel: 'event dedupe',
  label() {
    return this.name || t(`event-dedupe.label.summary-${this.action}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('event-dedupe.port.in');
  },
  outputLabels(index) {
    if (this.action === 'confirm') return t('event-dedupe.port.confirmed');
    if (this.action === 'forget') return t('event-dedupe.port.forgotten');
    return index === 0 ? t('event-dedupe.port.first') : t('event-dedupe.port.duplicate');
  },
  oneditprepare() {
    typedField('eventId', ['msg', 'jsonata', 'flow', 'global']);
    keyField();
    typedField('target', ['msg', 'str', 'jsonata', 'flow', 'global']);
    messageField('event');
    const action = field('node-input', 'action');
    action.on('change', () => {
      field('node-input', 'outputs').val(isChecking(action.val()) ? 2 : 1);
    });
    prepareDialog(this, 'node-input');
  },
});
