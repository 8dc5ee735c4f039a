import { defaults, fillMissing } from '../shared/editor/defaults';
import { prepareDialog } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { messageField } from '../shared/editor/typed-fields';
import { validators } from '../shared/editor/validate';
import { DEAD_LETTER_FIELDS, type DeadLetterConfig } from './config';

const t = translator('dead-letter');
const valid = validators<typeof DEAD_LETTER_FIELDS, EditorNode<DeadLetterConfig>>(
  t,
  DEAD_LETTER_FIELDS,
);
const PORTS = ['replayed', 'settled', 'answers'] as const;

RED.nodes.registerType<DeadLetterConfig>('dead-letter', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'dead-letter.svg',
  inputs: 1,
  outputs: 3,
  defaults: defaults(DEAD_LETTER_FIELDS, valid, t),
  paletteLabel: 'dead letter',
  label() {
    return this.name || t('dead-letter.label.summary');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('dead-letter.port.in');
  },
  outputLabels(index) {
    return t(`dead-letter.port.${PORTS[index as 0 | 1 | 2]}`);
  },
  oneditprepare() {
    fillMissing(this, 'node-input', DEAD_LETTER_FIELDS);
    for (const name of ['result', 'record', 'review']) messageField(name);
    prepareDialog(this, 'node-input');
  },
});
