import { apiErrorOf } from '../outcome/api-error';
import { isFields, type Fields } from '../record/fields';
import { encodePathKey, type ODataKeyOptions } from '../record/key';
import { recordUrl } from '../record/url';
import { valueAt } from './body-path';
import type { ApiFamily } from './family';
import { locateOData, odataErrorOf } from './odata';
import type { ODataFormat } from './odata-formats';
import { hasSucceeded, sentWith } from './precondition';
import { actionUrl } from './rest-action';
import { cachedReads } from './rest-cache';
import { formatOf, isAnnotation, sendableFields, visibleFields } from './rest-odata';
import { restRows } from './rest-rows';
import { checkRestSettings } from './rest-settings';
import { versionEvidence, versionFieldOf } from './rest-version';
import { acceptHeaders, restWrite } from './rest-write';
import type { ApiSettings } from './settings';

/**
 * Any JSON API that gives each record an address of its own and shows a version.
 * Answers may wrap the record (`recordPath`); what is sent is the bare record or its changes.
 * Throws InputError for settings that contradict each other (`checkRestSettings`).
 */
export function createRest(settings: ApiSettings): ApiFamily {
  checkRestSettings(settings);
  const evidence = versionEvidence(settings);
  const format = formatOf(settings);
  const cache = cachedReads(settings.cacheHeader);
  return {
    id: 'rest',
    label: 'This REST API',
    methods: ['PATCH', 'PUT', 'MERGE'],
    takesActions: true,
    canForce: evidence.canForce,
    practicePath: '/api',
    needsCsrfToken: settings.csrf,
    noVersionFix: NO_VERSION_FIX[settings.versionFrom],
    ...(cache === undefined ? {} : { cachedReads: cache }),
    rows: restRows(settings),
    sendsOnlyDifferences: false,
    missingMeansNull: settings.missingMeansNull,
    locate: (baseUrl, collection, key) =>
      format === undefined
        ? { collection, key, url: recordUrl(baseUrl, collection, encodePathKey(key)) }
        : locateOData(baseUrl, collection, key, guidOption(format)),
    keyField: () => undefined,
    actionUrl,
    readRequest: (ref, fields = []) => ({
      method: 'GET',
      url: withFields(ref.url, fields, evidence.fields, settings),
      headers: { ...acceptHeaders(settings), 'Cache-Control': 'no-cache' },
    }),
    writeRequest: plan => restWrite(plan, settings, evidence),
    sent: sentWith,
    versionOf: answer => evidence.versionOf(answer),
    valuesOf: answer => {
      const record = hasSucceeded(answer) ? valueAt(answer.json, settings.recordPath) : undefined;
      return isFields(record) ? visibleFields(record, format) : undefined;
    },
    errorOf: format === undefined ? apiErrorOf : odataErrorOf,
    readName: field => field,
    fieldType: () => undefined,
    cleanChanges: changes => withoutVersion(sendableFields(changes, format), settings),
  };
}

const NO_VERSION_FIX: Readonly<Record<ApiSettings['versionFrom'], string>> = {
  etag: 'Check whether the API sends an ETag for a single record. If the version is in the body, set Version from to a field of the record in the endpoint.',
  field:
    'Check Version field in the endpoint: it is the path in the whole answer, for example "version" or "d.__metadata.etag".',
  'last-modified':
    'Check whether the API tells when the record was last changed, and where. If it sends an ETag, set Version from to the ETag header in the endpoint.',
};

function guidOption({ guid }: ODataFormat): ODataKeyOptions {
  return guid === undefined ? {} : { guid };
}

/** The address with the fields to read; all when none is named. The version is always asked for. */
function withFields(
  url: string,
  fields: readonly string[],
  versionFields: readonly string[],
  settings: ApiSettings,
): string {
  const { fieldsParameter } = settings;
  if (fieldsParameter === '' || fields.length === 0) return url;
  const names = selectable([...fields, ...versionFields], settings);
  if (names.length === 0) return url;
  return `${url}?${fieldsParameter}=${names.map(encodeURIComponent).join(',')}`;
}

/** `$` marks a system query option of OData, which refuses the names of annotations. */
function selectable(names: readonly string[], settings: ApiSettings): string[] {
  const isOData = formatOf(settings) !== undefined || settings.fieldsParameter.startsWith('$');
  return [...new Set(names)].filter(name => !isOData || !isAnnotation(name));
}

/** The version field is evidence, never a target: the version just read goes there. */
function withoutVersion(changes: Fields, settings: ApiSettings): Fields {
  const field = versionFieldOf(settings);
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name !== field));
}
