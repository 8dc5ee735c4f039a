import type { FamilyId } from '../../lib/api/family-ids';
import { defaults, fillMissing } from '../shared/editor/defaults';
import { field, fieldValue, prepareDialog } from '../shared/editor/dialog';
import { recordsExample } from '../shared/editor/records-example';
import { translator } from '../shared/editor/translate';
import type { EditorNode } from '../shared/editor/red';
import { validators, where } from '../shared/editor/validate';
import { prepareWeekdays } from '../shared/editor/weekdays';
import { checkBulk, prepareBulk, readBulk } from './bulk.editor';
import {
  ENDPOINT_CREDENTIALS,
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';
import { dialogConfig } from './dialog-config.editor';
import {
  checkExchangeInputs,
  prepareExchange,
  preparePreview,
  readExchange,
} from './exchange.editor';
import { preparePreset } from './presets.editor';
import { prepareTest } from './test.editor';

const t = translator('record-endpoint');
const valid = {
  ...validators<typeof ENDPOINT_FIELDS, EditorNode<RecordEndpointConfig>>(t, ENDPOINT_FIELDS),
  bulk: where<EditorNode<RecordEndpointConfig>>(ENDPOINT_FIELDS.bulk, checkBulk(t)),
  exchange: where<EditorNode<RecordEndpointConfig>>(
    ENDPOINT_FIELDS.exchange,
    checkExchangeInputs(t),
  ),
};

/** What a base URL of each family looks like. */
const BASE_URLS: Readonly<Record<FamilyId, string>> = {
  dataverse: 'https://contoso.crm.dynamics.com/api/data/v9.2',
  'finance-operations': 'https://contoso.operations.dynamics.com/data',
  'sap-gateway': 'https://sap.example.com/sap/opu/odata/sap/API_SALES_ORDER_SRV',
  odata: 'https://cap.example.com/odata/v4/orders',
  'sap-cx': 'https://cx.example.com/territory-api/v1',
  apriso: 'https://mes.example.com/api',
  couchdb: 'https://couch.example.com',
  rest: 'https://api.example.com/v1',
};

RED.nodes.registerType<RecordEndpointConfig, RecordEndpointCredentials>('record-endpoint', {
  category: 'config',
  color: '#6E9AA8',
  icon: 'record-endpoint.svg',
  defaults: defaults(ENDPOINT_FIELDS, valid, t),
  credentials: ENDPOINT_CREDENTIALS,
  paletteLabel: 'record-endpoint',
  label() {
    if (this.name) return this.name;
    if (this.server === 'practice') return t('record-endpoint.label.practice');
    return hostOf(this.baseUrl) ?? 'record-endpoint';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    fillMissing(this, 'node-config-input', ENDPOINT_FIELDS);
    prepareWeekdays('node-config-input');
    prepareBulk(t, this.bulk);
    prepareExchange(t, this.exchange);
    prepareDialog(this, 'node-config-input');
    preparePlaceholders();
    preparePreview(t, dialogConfig);
    preparePreset(t);
    prepareTest(t, this);
  },
  oneditsave() {
    this.bulk = readBulk();
    this.exchange = readExchange();
  },
});

/** The host of an address, for labels. */
function hostOf(address: string): string | undefined {
  try {
    return new URL(address).host;
  } catch {
    return undefined;
  }
}

/** Keeps the examples in the empty fields in step with the API family. */
function preparePlaceholders(): void {
  const family = field('node-config-input', 'family');
  const show = (): void => {
    const id = fieldValue(family) as FamilyId;
    field('node-config-input', 'baseUrl').attr('placeholder', BASE_URLS[id]);
    $('#record-endpoint-test-collection').attr('placeholder', recordsExample(id));
  };
  family.on('change', show);
  show();
}
