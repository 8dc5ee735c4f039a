import { hasSucceeded, type Answer } from '../../outcome/answer';
import { apiErrorOf, apiErrorWith } from '../../outcome/api-error';
import { withoutField, type Fields } from '../../record/fields';
import type { RecordRef } from '../../record/ref';
import { valueAtPath } from '../body-path';
import { cachedReads } from '../cache';
import type { ApiFamily } from '../family';
import {
  checkedOdataChanges,
  isAnnotation,
  membersOf,
  visibleFields,
  type ODataFormat,
} from '../odata/odata-format';
import { checkRestSettings, type ApiSettings } from '../settings';
import { sentWith } from '../write';
import { compileExchange, type RestExchange } from './compile';
import { checkExchange } from './exchange-check';
import { recordIn } from './record-in';
import { restRows } from './rest-rows';
import { actionUrl, restWrite, withParameter } from './rest-write';
import { versionFieldOf } from './version';

/**
 * Any JSON API that gives each record an address of its own and shows a version.
 * Answers may wrap the record (`recordPath`); what is sent is the bare record or its changes, unless the exchange says
 * otherwise.
 * Throws InputError for settings that contradict each other (`checkRestSettings`, `checkExchange`).
 */
export function createRest(settings: ApiSettings): ApiFamily {
  checkRestSettings(settings);
  checkExchange(settings);
  const exchange = compileExchange(settings);
  const { evidence, format } = exchange;
  const { version, write, media } = settings.exchange;
  const isUnchecked = version.to === 'none';
  return {
    id: 'rest',
    label: 'This REST API',
    methods: write.methods.length === 0 ? ['PATCH', 'PUT', 'MERGE'] : write.methods,
    takesActions: true,
    canForce: evidence.canForce,
    needsCsrfToken: settings.csrf,
    noVersionFix: NO_VERSION_FIX[settings.versionFrom],
    cachedReads: cachedReads(settings.cacheHeader),
    rows: restRows(settings),
    sendsOnlyDifferences: false,
    missingMeansNull: settings.missingMeansNull,
    ...(isUnchecked ? { unchecked: true as const } : {}),
    ...(media.annotations === 'odata-v3' ? { typesFromRead: true as const } : {}),
    locate: exchange.locate,
    keyField: () => undefined,
    actionUrl,
    readRequest: (ref, fields = []) => ({
      method: 'GET',
      url: withParameter(withFields(ref.url, fields, exchange), exchange.readQuery(ref)),
      headers: readHeaders(exchange, ref),
    }),
    writeRequest: plan => restWrite(plan, exchange),
    sent: isUnchecked ? plan => ({ ...sentWith(plan), precondition: 'none' }) : sentWith,
    versionOf: answer => evidence.versionOf(answer),
    versionFault: answer => evidence.faultOf(answer),
    valuesOf: answer => valuesOf(answer, exchange),
    errorOf: errorOf(settings),
    readName: field => field,
    fieldType: () => undefined,
    cleanChanges: changes => withoutVersion(cleanFields(changes, format), settings),
    typesIn: changes => (format === undefined ? {} : membersOf(changes, format.isType)),
  };
}

function readHeaders({ readHeaders: common, recordHeaders }: RestExchange, ref: RecordRef) {
  return recordHeaders === undefined ? common : { ...common, ...recordHeaders(ref) };
}

const NO_VERSION_FIX: Readonly<Record<ApiSettings['versionFrom'], string>> = {
  etag: 'Check whether the API sends an ETag for a single record. If the version is in the body, set Version from to a field of the record in the endpoint.',
  field:
    'Check Version field in the endpoint: it is the path in the whole answer, for example "version" or "d.__metadata.etag".',
  'last-modified':
    'Check whether the API tells when the record was last changed, and where. If it sends an ETag, set Version from to the ETag header in the endpoint.',
};

function valuesOf(answer: Answer, { settings, format }: RestExchange): Fields | undefined {
  const record = hasSucceeded(answer) ? recordIn(answer.json, settings) : undefined;
  return record === undefined || format === undefined ? record : visibleFields(record, format);
}

function errorOf({ exchange }: ApiSettings): ApiFamily['errorOf'] {
  const { errorMessage: message, errorCode: code } = exchange.answers;
  if (message === '' && code === '') return apiErrorOf;
  return answer =>
    apiErrorWith(answer, body => ({ message: textAt(body, message), code: textAt(body, code) }));
}

/** What a body says at a dotted path, if it is a text or a number there. */
function textAt(body: unknown, path: string): string | undefined {
  const value = path === '' ? undefined : valueAtPath(body, path);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The address with the fields to read; all when none is named. The version is always asked for. */
function withFields(url: string, fields: readonly string[], exchange: RestExchange): string {
  const { fieldsParameter } = exchange.settings;
  if (fieldsParameter === '' || fields.length === 0) return url;
  const names = selectable([...fields, ...exchange.evidence.fields], exchange);
  if (names.length === 0) return url;
  return `${url}?${fieldsParameter}=${names.map(encodeURIComponent).join(',')}`;
}

/** `$` marks a system query option of OData, which refuses the names of annotations. */
function selectable(names: readonly string[], { format, settings }: RestExchange): string[] {
  const isOData = format !== undefined || settings.fieldsParameter.startsWith('$');
  return [...new Set(names)].filter(name => !isOData || !isAnnotation(name));
}

/** The same of changes as they come. Throws InputError `CHANGES_INVALID` for an annotation that would be missed. */
function cleanFields(changes: Fields, format: ODataFormat | undefined): Fields {
  return format === undefined ? changes : checkedOdataChanges(changes, format);
}

/** The version field is evidence, never a target: the version just read goes there. */
function withoutVersion(changes: Fields, settings: ApiSettings): Fields {
  const field = versionFieldOf(settings);
  return field === undefined ? changes : withoutField(changes, field);
}
