import type { ApiSettings } from '../../lib/api/settings';
import { InputError } from '../../lib/errors';
import { namesField, wholeField } from '../shared/number-field';
import type { RecordEndpointConfig } from './config';

/** What the dialog says about the API. Throws InputError `VERSION_FIELD_MISSING` or `NUMBER_INVALID`. */
export function apiSettings(config: RecordEndpointConfig): ApiSettings {
  checkVersionField(config);
  const { versionFrom, versionTo, keyStyle, odataVersion } = config;
  const { createdIsUpdate, missingMeansNull, csrf, crossCompany, unmodifiedSince } = config;
  return {
    versionFrom,
    versionTo,
    keyStyle,
    odataVersion,
    createdIsUpdate,
    missingMeansNull,
    csrf,
    crossCompany,
    unmodifiedSince,
    versionField: config.versionField.trim(),
    recordPath: config.recordPath.trim(),
    fieldsParameter: config.fieldsParameter.trim(),
    conflictStatuses: conflictStatuses(config),
    conflictText: config.conflictText.trim(),
    cacheHeader: config.cacheHeader.trim(),
    query: config.query.trim(),
    modifiedField: config.modifiedField.trim(),
  };
}

function checkVersionField({ family, versionFrom, versionField }: RecordEndpointConfig): void {
  if (family !== 'rest' || versionFrom !== 'field' || versionField.trim() !== '') return;
  throw new InputError(
    'VERSION_FIELD_MISSING',
    'Version field is empty. Name the body field that holds the version, for example "version" or "meta.rev".',
  );
}

function conflictStatuses({ conflictStatuses: text }: RecordEndpointConfig): number[] {
  return namesField(text).map(status =>
    wholeField(status, 'Conflict statuses', { min: 400, max: 499 }),
  );
}
