import type { Translate } from '../shared/checks';
import { field, setFieldValue } from '../shared/editor/dialog';
import { RETRY_DEFAULTS, type RetryConfig } from '../shared/retry-config';
import { ENDPOINT_FIELDS, type RecordEndpointConfig } from './config';

/** The fields that choosing a preset fills in; each preset has a value for all of them. */
export type Preset = RetryConfig &
  Pick<RecordEndpointConfig, 'family' | 'parallel' | 'settlePause' | 'changedBy' | 'changedAt'>;

/** In the order in which the dialog offers them. */
export const PRESET_IDS = [
  'dataverse',
  'finance-operations',
  'sap-cx',
  'apriso',
  'sap-gateway',
  'odata',
] as const;
export type PresetId = (typeof PRESET_IDS)[number];

/** What has proven itself in the field, as a start: the dialog lets everybody change every number. */
export const PRESETS: Readonly<Record<PresetId, Preset>> = {
  dataverse: fixedWaits('dataverse', {
    conflictRetries: 3,
    waits: '0.5, 1.5, 4',
    parallel: 40, // of the 52 requests that Dataverse takes of one user at a time
    changedBy: '_modifiedby_value',
    changedAt: 'modifiedon',
  }),
  'finance-operations': fixedWaits('finance-operations', {
    conflictRetries: 3,
    waits: '1, 2, 4',
    parallel: 20,
  }),
  'sap-cx': fixedWaits('sap-cx', {
    conflictRetries: 5,
    waits: '2, 4, 8, 16, 32',
    deadline: 120, // the waits alone take up to 62 s
    parallel: 5,
    settlePause: 2, // related assignments follow a few seconds later
    // Where a record has no such field, nothing is told: this API is asked for whole records.
    changedBy: 'modifiedBy',
    changedAt: 'modifiedAt',
  }),
  apriso: fixedWaits('apriso', {
    conflictRetries: 3,
    waits: '0.5, 1, 2',
    jitter: 'percent',
    jitterPercent: 10,
    parallel: 10,
    changedBy: 'modifiedBy',
    changedAt: 'modifiedAt',
  }),
  // One dialogue work process of the application server per request.
  'sap-gateway': preset('sap-gateway', { parallel: 8 }),
  odata: preset('odata', {}),
};

function fixedWaits(family: Preset['family'], numbers: Partial<Preset>): Preset {
  return preset(family, { schedule: 'list', firstAtOnce: false, ...numbers });
}

function preset(family: Preset['family'], numbers: Partial<Preset>): Preset {
  const { parallel, settlePause } = ENDPOINT_FIELDS;
  // A field that an API does not know may be refused, so none is named where it is not known to be there.
  const nobody = { changedBy: '', changedAt: '' };
  const usual = { parallel: parallel.value, settlePause: settlePause.value, ...nobody };
  return { ...RETRY_DEFAULTS, ...usual, ...numbers, family };
}

/** Sets up the choice of a preset. It only fills in other fields; which one was chosen is not kept. */
export function preparePreset(t: Translate): void {
  const choice = $('#record-endpoint-preset');
  const family = field('node-config-input', 'family');
  const chosen = (): Preset | undefined => {
    const id = PRESET_IDS.find(known => known === choice.val());
    return id === undefined ? undefined : PRESETS[id];
  };
  const say = (text: string): void => {
    $('#record-endpoint-preset-result').text(text);
  };
  choice.on('change', () => {
    const preset = chosen();
    if (preset !== undefined) fillIn(preset);
    say(preset === undefined ? '' : t('record-endpoint.tip.preset-filled'));
  });
  // A preset named beside another family would claim what is no longer so.
  family.on('change', () => {
    if (chosen()?.family === family.val()) return;
    choice.val('');
    say('');
  });
}

/** All values first, so that whoever follows one field finds the others in place. */
function fillIn(preset: Preset): void {
  const inputs = Object.entries(preset).map(([name, value]) => {
    const input = field('node-config-input', name);
    setFieldValue(input, value);
    return input;
  });
  for (const input of inputs) input.trigger('change');
}
