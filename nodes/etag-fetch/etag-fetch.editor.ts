import { currentValue, prepareDialog } from '../shared/editor/dialog';
import { messageField, recordFields, typedField } from '../shared/editor/typed-fields';
import { translator } from '../shared/editor/translate';
import { messageProperty, typedValue, when } from '../shared/editor/validate';
import type { EtagFetchConfig } from './config';

const t = translator('etag-fetch');

RED.nodes.registerType<EtagFetchConfig>('etag-fetch', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'etag-fetch.svg',
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
    fields: {
      value: '',
      validate: when(
        node => currentValue(node, 'fieldsType') !== 'auto',
        typedValue(t, 'etag-fetch.label.fields', 'fieldsType'),
      ),
    },
    fieldsType: { value: 'auto' },
    guards: { value: '' },
    record: { value: 'record', validate: messageProperty(t, 'shared.label.record') },
    result: { value: 'update', validate: messageProperty(t, 'shared.label.result') },
  },
  paletteLabel: 'etag fetch',
  label() {
    if (this.name) return this.name;
    const fixed = this.collectionType === 'str' && this.collection !== '';
    return fixed ? t('etag-fetch.label.summary', { collection: this.collection }) : 'etag-fetch';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return t('etag-fetch.port.in');
  },
  outputLabels(index) {
    return index === 0 ? t('etag-fetch.port.read') : t('etag-fetch.port.not-read');
  },
  oneditprepare() {
    recordFields();
    typedField('fields', [
      { value: 'auto', label: t('etag-fetch.option.fields-auto'), hasValue: false },
      {
        value: 'str',
        label: t('etag-fetch.option.fields-list'),
        icon: 'red/images/typedInput/az.svg',
      },
      'json',
      'msg',
    ]);
    messageField('record');
    messageField('result');
    prepareDialog(this, 'node-input');
  },
});
