import { InputError } from '../../errors';
import { hasSucceeded } from '../../outcome/answer';
import { apiErrorOf } from '../../outcome/api-error';
import type { Row, Sent } from '../../outcome/row';
import { DUPLICATE_ROW, FAILURE_ROW, LOCKED_ROW } from '../../outcome/rows';
import { literalText } from '../../outcome/words';
import { isFields, withoutField, type Fields } from '../../record/fields';
import { parseLossless, stringifyExact, stringifyLossless } from '../../record/json';
import { encodePathKey, type ODataKeyOptions } from '../../record/key';
import { recordUrl } from '../../record/url';
import type { WireRequest } from '../../transport/transport';
import { valueAtPath } from '../body-path';
import { cachedReads } from '../cache';
import type { ApiFamily, UpdateMethod, WritePlan } from '../family';
import {
  checkedOdataChanges,
  locateOData,
  membersOf,
  ODATA_V2,
  ODATA_V4,
  odataRecord,
  visibleFields,
  isAnnotation,
  withTypes,
  type ODataFormat,
} from '../odata/odata-format';
import { checkRestSettings, type ApiSettings } from '../settings';
import { checkShown, sentWith, wholeRecord } from '../write';
import { versionEvidence, versionFieldOf, type VersionEvidence } from './version';

/**
 * Any JSON API that gives each record an address of its own and shows a version.
 * Answers may wrap the record (`recordPath`); what is sent is the bare record or its changes.
 * Throws InputError for settings that contradict each other (`checkRestSettings`).
 */
export function createRest(settings: ApiSettings): ApiFamily {
  checkRestSettings(settings);
  const evidence = versionEvidence(settings);
  const format = formatOf(settings);
  return {
    id: 'rest',
    label: 'This REST API',
    methods: ['PATCH', 'PUT', 'MERGE'],
    takesActions: true,
    canForce: evidence.canForce,
    needsCsrfToken: settings.csrf,
    noVersionFix: NO_VERSION_FIX[settings.versionFrom],
    cachedReads: cachedReads(settings.cacheHeader),
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
    versionFault: answer => evidence.faultOf(answer),
    valuesOf: answer => {
      const record = hasSucceeded(answer)
        ? valueAtPath(answer.json, settings.recordPath)
        : undefined;
      if (!isFields(record)) return undefined;
      return format === undefined ? record : visibleFields(record, format);
    },
    errorOf: apiErrorOf,
    readName: field => field,
    fieldType: () => undefined,
    cleanChanges: changes => withoutVersion(cleanFields(changes, format), settings),
    typesIn: changes => (format === undefined ? {} : membersOf(changes, format.isType)),
  };
}

const NO_VERSION_FIX: Readonly<Record<ApiSettings['versionFrom'], string>> = {
  etag: 'Check whether the API sends an ETag for a single record. If the version is in the body, set Version from to a field of the record in the endpoint.',
  field:
    'Check Version field in the endpoint: it is the path in the whole answer, for example "version" or "d.__metadata.etag".',
  'last-modified':
    'Check whether the API tells when the record was last changed, and where. If it sends an ETag, set Version from to the ETag header in the endpoint.',
};

/** How a generic API carries a record; undefined for plain JSON. V2 is told by the envelope `d` around its records. */
function formatOf({ keyStyle, recordPath }: ApiSettings): ODataFormat | undefined {
  if (keyStyle !== 'odata') return undefined;
  return recordPath === 'd' ? ODATA_V2 : ODATA_V4;
}

function guidOption({ guid }: ODataFormat): ODataKeyOptions {
  return guid === undefined ? {} : { guid };
}

/** What makes the API answer JSON, and an OData service name the version in it. */
function acceptHeaders(settings: ApiSettings): WireRequest['headers'] {
  return formatOf(settings)?.headers ?? { Accept: 'application/json' };
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

/**
 * The request that writes changes, or calls an action, on the version of the plan.
 * Throws InputError `VERSION_INVALID`, `FORCE_UNSUPPORTED`, `RECORD_UNREAD`, `FIELDS_HIDDEN` or `ACTION_INVALID`.
 */
function restWrite(plan: WritePlan, settings: ApiSettings, evidence: VersionEvidence): WireRequest {
  const { method, url, fields } = draftOf(plan, settings);
  // What was read goes back digit by digit; changes have hardly a number that needs that.
  const stringify = method === 'PUT' ? stringifyLossless : stringifyExact;
  return {
    method,
    url,
    headers: {
      ...acceptHeaders(settings),
      'Content-Type': 'application/json',
      ...evidence.headers(plan.precondition),
    },
    body: stringify(evidence.body(fields, plan.precondition)),
  };
}

type Draft = Pick<WireRequest, 'method' | 'url'> & { readonly fields: Fields };

function draftOf(plan: WritePlan, settings: ApiSettings): Draft {
  const { ref, method, action } = plan;
  if (action !== undefined) {
    return { method: 'POST', url: actionUrl(ref.url, action.name), fields: action.parameters };
  }
  const changes = withTypes(sendableFields(plan.changes, formatOf(settings)), plan.types);
  const fields = method === 'PUT' ? putFields(plan, changes, settings) : changes;
  return { method, url: ref.url, fields };
}

function putFields({ read }: WritePlan, changes: Fields, settings: ApiSettings): Fields {
  const record = valueAtPath(parseLossless(read?.text ?? ''), settings.recordPath);
  const sendable = isFields(record) ? recordToSend(record, changes, formatOf(settings)) : undefined;
  return wholeRecord(sendable, changes);
}

/** A record that was read as a PUT sends it back. Throws InputError `FIELDS_HIDDEN`. */
function recordToSend(record: Fields, changes: Fields, format: ODataFormat | undefined): Fields {
  checkShown(format?.hiddenFields(record) ?? [], changes);
  return format === undefined ? record : odataRecord(record, format.isSendable, format);
}

/** Fields as the API takes them: an OData service may act on annotations that are echoed. */
function sendableFields(fields: Fields, format: ODataFormat | undefined): Fields {
  return format === undefined ? fields : membersOf(fields, format.isSendable);
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

const SEGMENT = /^[A-Za-z0-9_.~-]+$/;

/** The address of an action bound to a record: its name follows the record. Throws InputError `ACTION_INVALID`. */
function actionUrl(recordUrl: string, action: string): string {
  const segments = action.split('/');
  const isSafe = segments.every(
    segment => SEGMENT.test(segment) && segment !== '.' && segment !== '..',
  );
  if (isSafe) return `${recordUrl}/${action}`;
  throw new InputError(
    'ACTION_INVALID',
    'Action is not usable: give the name that follows the record in its address, for example "complete" or "Ns.UpdateOrderStatus", of letters, digits, "_", ".", "~", "-" and "/" only, without a leading or trailing "/" and without "..".',
  );
}

const UPDATES: readonly UpdateMethod[] = ['PATCH', 'PUT', 'MERGE'];
const WRITES: readonly Sent['method'][] = [...UPDATES, 'POST'];

/**
 * Rows of the generic family (docs/decision-table.md). Which refusals may hide a version conflict differs from API to
 * API. Of a status that is listed, a re-read tells what it is about; a 409 that is not listed is about the record's
 * state.
 *
 * A 2xx that reports a failure puts the write in doubt and nothing more, because a record may have a field `success`
 * or `error` itself: then the re-read shows the write in place, and the update ends well.
 */
function restRows(settings: ApiSettings): readonly Row[] {
  const { conflictStatuses, conflictText, createdIsUpdate } = settings;
  const undetermined = conflictStatuses.filter(status => status !== 409 && status !== 412);
  return [
    FAILURE_ROW,
    ...(createdIsUpdate ? CREATED_ROWS : []),
    ...(conflictText === '' ? [] : [textRow(conflictText)]),
    ...(undetermined.length === 0 ? [] : [LOCKED_ROW, undeterminedRow(undetermined)]),
    ...(conflictStatuses.includes(409) ? [] : [LOCKED_ROW, DUPLICATE_ROW, STATE_ROW]),
  ];
}

/** What a 201 means where it answers updates. A web page is left to the common rows. */
const CREATED_ROWS: readonly Row[] = [
  { row: 1, status: [201], method: UPDATES, body: 'json', class: 'success' },
  { row: 1, status: [201], method: UPDATES, body: 'empty', class: 'success' },
  {
    row: 3,
    status: [201],
    method: UPDATES,
    body: 'unreadable',
    class: 'unverified',
    ambiguous: true,
    code: 'BODY_UNREADABLE',
    fix: 'The body of the answer is not complete JSON. Check that nothing between Node-RED and the API cuts or rewrites answers.',
  },
];

const STATE_ROW: Row = { row: 27, status: [409], method: WRITES, class: 'state-conflict' };

/** Statuses that may be about the record. The others are about access, time or a gateway, whatever their text. */
const TEXT_STATUSES: readonly number[] = [400, 409, 412, 422, 500];

function textRow(conflictText: string): Row {
  return {
    row: 26,
    status: TEXT_STATUSES,
    method: WRITES,
    words: literalText(conflictText),
    class: 'version-conflict',
  };
}

function undeterminedRow(status: readonly number[]): Row {
  return { row: 39, status, method: WRITES, class: 'undetermined' };
}
