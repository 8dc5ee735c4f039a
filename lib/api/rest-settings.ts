import { InputError } from '../errors';
import { isAnnotation } from './rest-odata';
import type { ApiSettings } from './settings';

/**
 * Refuses settings that contradict each other or HTTP, before any request leaves.
 * Throws InputError `VERSION_FIELD_MISSING`, `VERSION_TO_INVALID`, `UNMODIFIED_SINCE_UNSUPPORTED`,
 * `FIELDS_PARAMETER_INVALID`, `CACHE_HEADER_INVALID` or `CONFLICT_STATUSES_INVALID`.
 */
export function checkRestSettings(settings: ApiSettings): void {
  checkVersion(settings);
  checkUnmodifiedSince(settings);
  checkFieldsParameter(settings);
  checkCacheHeader(settings);
  settings.conflictStatuses.forEach(checkStatus);
}

/** The paths at which the version may be, most important first. */
export function versionPaths({ versionField }: Pick<ApiSettings, 'versionField'>): string[] {
  return versionField
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '');
}

/** Whether the version goes back in the body. `versionTo` counts only for a version that came in the body. */
export function isSentInBody({ versionFrom, versionTo }: ApiSettings): boolean {
  return versionFrom === 'field' && versionTo === 'field';
}

function checkVersion(settings: ApiSettings): void {
  if (settings.versionFrom !== 'field') return;
  const [field] = versionPaths(settings);
  if (field === undefined) {
    throw new InputError(
      'VERSION_FIELD_MISSING',
      'The endpoint takes the version from a field of the body but names none. Fill in Version field, for example "version".',
    );
  }
  if (isSentInBody(settings) && isAnnotation(field)) {
    throw new InputError(
      'VERSION_TO_INVALID',
      `The version cannot go back in "${field}": OData ignores annotations in the body, and the write would be unconditional. Set Sent back as to the If-Match header.`,
    );
  }
}

function checkUnmodifiedSince(settings: ApiSettings): void {
  if (!settings.unmodifiedSince) return;
  if (settings.versionFrom === 'last-modified') {
    throw unmodifiedSince('If-Unmodified-Since carries the version already');
  }
  if (isSentInBody(settings)) {
    throw unmodifiedSince('the version goes back in the body, not as If-Match');
  }
}

function unmodifiedSince(why: string): InputError {
  return new InputError(
    'UNMODIFIED_SINCE_UNSUPPORTED',
    `If-Unmodified-Since cannot go beside the version here: ${why}. Switch off "Send If-Unmodified-Since as well" in the endpoint.`,
  );
}

function checkFieldsParameter({ fieldsParameter }: ApiSettings): void {
  if (/^[$A-Za-z0-9_.~-]*$/.test(fieldsParameter)) return;
  throw new InputError(
    'FIELDS_PARAMETER_INVALID',
    'Parameter for fields is not the name of a query parameter. Give the name alone, for example "fields" or "$select".',
  );
}

function checkCacheHeader({ cacheHeader }: ApiSettings): void {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/.test(cacheHeader)) return;
  throw new InputError(
    'CACHE_HEADER_INVALID',
    'Cache header is not the name of a header. Give the name alone, for example "X-Cache-Status".',
  );
}

/** The meaning of these is fixed: they are about access, time or the server, not about the record. */
const FIXED = [401, 403, 404, 407, 408, 410, 429];

function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 400 && status <= 499 && !FIXED.includes(status)) return;
  throw new InputError(
    'CONFLICT_STATUSES_INVALID',
    `Conflict statuses cannot hold ${status}. List statuses such as 409, 412, 422 with which the API refuses an outdated version.`,
  );
}
