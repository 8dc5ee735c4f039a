import type { Translate, Validity } from '../shared/checks';
import type { EditorNode } from '../shared/editor/red';
import { resourceUrl } from '../shared/editor/resource';
import type * as Preview from './exchange-preview.editor';
import type { RecordEndpointConfig } from './config';
import { EXCHANGE_INPUTS, type ExchangeInputs } from './exchange-fields';
import { exchangeFor, exchangeInputs } from './exchange-settings';
import { checkInputs, prepareInputs, readInputs } from './object-inputs.editor';

const EXCHANGE = { inputs: EXCHANGE_INPUTS, valuesFor: exchangeInputs };

/** What the rules of these inputs look at besides. */
const OTHERS = [
  'family',
  'query',
  'headers',
  'fieldsParameter',
  'versionFrom',
  'idempotencyHeader',
];

/** Shows the description of the exchange, and marks what does not fit as it is typed. */
export function prepareExchange(t: Translate, stored: unknown): void {
  prepareInputs(t, EXCHANGE, stored, OTHERS);
}

/** What makes the requests is as large as all dialogs together, so it comes when it is needed. */
export function preparePreview(t: Translate, config: () => object): void {
  $('#record-endpoint-exchange').one('toggle', () => {
    const area = $('#record-endpoint-preview').get(0);
    if (area === undefined) return;
    (import(resourceUrl('exchange-preview.js')) as Promise<typeof Preview>)
      .then(({ showPreview }) => {
        showPreview(t, area, config);
      })
      .catch(() => {
        area.textContent = t('record-endpoint.tip.preview-failed');
      });
  });
}

/** What the dialog holds. */
export function readExchange(): RecordEndpointConfig['exchange'] {
  return exchangeFor(readInputs(EXCHANGE) as unknown as ExchangeInputs);
}

/** The first sentence about what does not fit. */
export function checkExchangeInputs(
  t: Translate,
): (value: unknown, node: EditorNode<RecordEndpointConfig>) => Validity {
  return checkInputs(t, EXCHANGE);
}
