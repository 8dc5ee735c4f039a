import { defaults, fillMissing } from '../shared/editor/defaults';
import { prepareDialog } from '../shared/editor/dialog';
import { translator } from '../shared/editor/translate';
import { keyField, messageField } from '../shared/editor/typed-fields';
import { validators } from '../shared/editor/validate';
import { BACKOFF_FIELDS, type BackoffDelayConfig } from './config';

const t = translator('backoff-delay');
const valid = validators(t, BACKOFF_FIELDS);

RED.nodes.registerType<BackoffDelayConfig>('backoff-delay', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'backoff-delay.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(BACKOFF_FIELDS, valid, t),
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
    fillMissing(this, 'node-input', BACKOFF_FIELDS);
    keyField();
    messageField('result');
    prepareDialog(this, 'node-input');
  },
});
