import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, prepareDialog } from '../shared/editor/dialog';
import { pickable, pickableTyped } from '../shared/editor/pick';
import { translator } from '../shared/editor/translate';
import { listedType, messageField, recordFields, typedField } from '../shared/editor/typed-fields';
import { validators } from '../shared/editor/validate';
import { FETCH_FIELDS, type EtagFetchConfig } from './config';

const t = translator('etag-fetch');
const valid = validators(t, FETCH_FIELDS);

RED.nodes.registerType<EtagFetchConfig>('etag-fetch', {
  category: 'record updates',
  color: '#6E9AA8',
  icon: 'etag-fetch.svg',
  inputs: 1,
  outputs: 2,
  defaults: defaults(FETCH_FIELDS, valid, t),
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
    fillMissing(this, 'node-input', FETCH_FIELDS);
    recordFields(t);
    const list = pickableTyped(t, field('node-input', 'fields'), {
      what: 'fields',
      many: true,
      type: 'str',
    });
    typedField('fields', [
      { value: 'auto', label: t('etag-fetch.option.fields-auto'), hasValue: false },
      listedType(t('etag-fetch.option.fields-list'), list.open),
      'json',
      'msg',
    ]);
    pickable(t, field('node-input', 'guards'), { what: 'fields', many: true });
    messageField('record');
    messageField('records');
    messageField('result');
    prepareDialog(this, 'node-input');
  },
});
