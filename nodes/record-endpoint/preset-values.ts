import { defaultsOf } from '../shared/fields';
import { RETRY_DEFAULTS } from '../shared/retry-config';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from './config';
import { EXCHANGE_INPUTS, type ExchangeInputs } from './exchange-fields';

/** What presets say besides the retry fields and the description of the exchange. */
const FIELDS = [
  'parallel',
  'settlePause',
  'changedBy',
  'changedAt',
  'headers',
  'versionFrom',
  'versionField',
  'versionTo',
  'recordPath',
  'keyStyle',
  'fieldsParameter',
  'conflictStatuses',
  'conflictText',
  'createdIsUpdate',
  'missingMeansNull',
  'csrf',
  'cacheHeader',
  'unmodifiedSince',
  'modifiedField',
] as const satisfies readonly (keyof RecordEndpointConfig)[];

/** By the names of the dialog's inputs. */
type Values = typeof RETRY_DEFAULTS &
  Pick<RecordEndpointConfig, (typeof FIELDS)[number]> &
  ExchangeInputs;

/** What choosing a preset fills in. */
export type Preset = Values & Pick<RecordEndpointConfig, 'family'>;
export type PresetPart = Partial<Values>;

/**
 * Every field that any preset fills in: as the preset says, or as usual, so that nothing of the one that was chosen
 * before stays.
 */
export function presetValues(family: Preset['family'], part: PresetPart): Preset {
  const usual = Object.fromEntries(FIELDS.map(name => [name, ENDPOINT_DEFAULTS[name]])) as Values;
  return { ...RETRY_DEFAULTS, ...usual, ...defaultsOf(EXCHANGE_INPUTS), ...part, family };
}
