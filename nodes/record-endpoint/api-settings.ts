import { DEFAULT_EXCHANGE, type ExchangeSettings } from '../../lib/api/rest/exchange';
import type { ApiSettings } from '../../lib/api/settings';
import type { Translate } from '../shared/checks';
import { readSettings } from '../shared/read-settings';
import { ENDPOINT_FIELDS, type RecordEndpointConfig } from './config';
import { EXCHANGE_INPUTS, type ExchangeInputs } from './exchange-fields';
import { exchangeFor, exchangeInputs } from './exchange-settings';

/**
 * What the dialog says about the API. Throws InputError that names the field.
 * @param t says what is wrong
 */
export function readApiSettings(t: Translate, config: RecordEndpointConfig): ApiSettings {
  const read = readSettings(t, ENDPOINT_FIELDS, config);
  const { createdIsUpdate, missingMeansNull, csrf, crossCompany, keyStyle, odataVersion } = config;
  return {
    csrfToken: read.choice('csrfToken'),
    etagFrom: read.choice('etagFrom'),
    createdIsUpdate,
    missingMeansNull,
    csrf,
    crossCompany,
    keyStyle,
    odataVersion,
    versionFrom: config.versionFrom,
    versionField: read.text('versionField'),
    versionTo: read.choice('versionTo'),
    recordPath: config.recordPath.trim(),
    fieldsParameter: read.text('fieldsParameter'),
    conflictStatuses: read.numbers('conflictStatuses'),
    conflictText: config.conflictText.trim(),
    cacheHeader: read.text('cacheHeader'),
    retryText: config.retryText.trim(),
    query: read.text('query'),
    unmodifiedSince: read.flag('unmodifiedSince'),
    exchange: exchangeSettings(t, config),
    // With the version from Last-Modified it counts besides.
    modifiedField: config.modifiedField.trim(),
    noted: {
      changedBy: config.changedBy.trim(),
      changedAt: config.changedAt.trim(),
      type: config.typeField.trim(),
    },
  };
}

/** What the dialog says of the exchange, each input read by its rules. */
function exchangeSettings(t: Translate, config: RecordEndpointConfig): ExchangeSettings {
  const { family } = config;
  // A test of the connection may come without it.
  const exchange = (config.exchange as Partial<typeof config>['exchange']) ?? {};
  if (family !== 'rest') return DEFAULT_EXCHANGE;
  const given: object = { ...config, ...exchangeInputs(exchange) };
  const read = readSettings(t, EXCHANGE_INPUTS, given);
  const inputs = Object.entries(EXCHANGE_INPUTS).map(([name, { kind }]) => [
    name,
    kind === 'numbers' ? read.numbers(name as 'stateStatuses').join() : read.text(name as 'accept'),
  ]);
  const described: unknown = exchangeFor(Object.fromEntries(inputs) as ExchangeInputs);
  const settings = described as ExchangeSettings;
  // One of a later version of this package is refused as such.
  return exchange.v === undefined ? settings : ({ ...settings, v: exchange.v } as ExchangeSettings);
}
