import { beside } from '../shared/editor/beside';
import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, fieldValue, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { keyField, messageField, typedField } from '../shared/editor/typed-fields';
import { validators } from '../shared/editor/validate';
import { prepareWeekdays } from '../shared/editor/weekdays';
import { QUEUE_FIELDS, type UpdateQueueConfig } from './config';

type Node = EditorNode<UpdateQueueConfig>;

const t = translator('update-queue');
const fits = validators<typeof QUEUE_FIELDS, Node>(t, QUEUE_FIELDS);
const valid = {
  ...fits,
  holdTo: beside<Node>(t, {
    field: QUEUE_FIELDS.holdTo,
    alone: fits.holdTo,
    other: 'holdFrom',
    fit: (to, from) => to < from,
    said: 'update-queue.errors.hold-percent',
  }),
  holdLongest: beside<Node>(t, {
    field: QUEUE_FIELDS.holdLongest,
    alone: fits.holdLongest,
    other: 'holdShortest',
    fit: (longest, shortest) => longest >= shortest,
    said: 'update-queue.errors.hold-minutes',
  }),
};

RED.nodes.registerType<UpdateQueueConfig>('update-queue', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'update-queue.svg',
  inputs: 1,
  outputs: 3,
  defaults: defaults(QUEUE_FIELDS, valid, t),
  paletteLabel: 'update queue',
  label() {
    return this.name || t(`update-queue.label.summary-${this.action}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return this.action === 'settle' ? t('update-queue.port.result') : t('update-queue.port.in');
  },
  outputLabels(index) {
    if (index === 2) return t('update-queue.port.given-up');
    if (index === 3) return t('update-queue.port.counters');
    if (this.action === 'settle')
      return index === 0 ? t('update-queue.port.done') : t('update-queue.port.again');
    return index === 0 ? t('update-queue.port.next') : t('update-queue.port.superseded');
  },
  oneditprepare() {
    fillMissing(this, 'node-input', QUEUE_FIELDS);
    keyField();
    const none = (value: 'never' | 'none') => ({
      value,
      label: t(`update-queue.option.type-${value}`),
      hasValue: false,
    });
    typedField('inOrder', [none('never'), 'msg', 'jsonata', 'flow', 'global']);
    typedField('eventTime', [none('none'), 'msg', 'jsonata', 'flow', 'global']);
    typedField('notBefore', [none('none'), 'msg', 'jsonata', 'flow', 'global']);
    for (const name of ['changes', 'ticket', 'result', 'record', 'guard']) messageField(name);
    prepareWeekdays('node-input');
    prepareOutputs();
    prepareDialog(this, 'node-input');
  },
});

/** The answers to control messages leave by an output of their own, where they are wanted. */
function prepareOutputs(): void {
  const action = field('node-input', 'action');
  const counters = field('node-input', 'counters');
  action.add(counters).on('change', () => {
    const isAnswering = action.val() === 'queue' && fieldValue(counters) === true;
    field('node-input', 'outputs').val(isAnswering ? 4 : 3);
  });
}
