import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { keyField, messageField, typedField } from '../shared/editor/typed-fields';
import { validators } from '../shared/editor/validate';
import { DEDUPE_FIELDS, type EventDedupeConfig } from './config';

const t = translator('event-dedupe');
const valid = validators(t, DEDUPE_FIELDS);

function isChecking(action: unknown): boolean {
  return action === 'check' || action === 'check-confirm';
}

RED.nodes.registerType<EventDedupeConfig>('event-dedupe', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'event-dedupe.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(DEDUPE_FIELDS, valid, t),
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
    fillMissing(this, 'node-input', DEDUPE_FIELDS);
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
