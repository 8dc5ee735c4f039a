import { InputError } from '../../errors';
import { apiErrorOf } from '../../outcome/api-error';
import type { Row } from '../../outcome/row';
import type { Fields, RecordKey } from '../../record/fields';
import { parseLossless, stringifyExact, stringifyLossless } from '../../record/json';
import type { ODataKeyOptions } from '../../record/key';
import type { WireRequest } from '../../transport/transport';
import type { ApiFamily, BoundAction, WritePlan } from '../family';
import type { ApiSettings } from '../settings';
import { checkShown, ifMatch, sentWith, wholeRecord } from '../write';
import {
  locateOData,
  membersOf,
  ODATA_V4,
  checkedOdataChanges,
  odataChanges,
  odataRecord,
  odataValuesOf,
  odataVersionFault,
  odataVersionOf,
  withTypes,
  type ODataFormat,
} from './odata-format';

/** What tells one OData API from another; `createODataFamily` makes the family of it. */
export interface ODataProfile extends Pick<
  ApiFamily,
  | 'id'
  | 'label'
  | 'methods'
  | 'takesActions'
  | 'needsCsrfToken'
  | 'noVersionFix'
  | 'rows'
  | 'sendsOnlyDifferences'
  | 'keyField'
  | 'readName'
  | 'fieldType'
  | 'blankIsNull'
> {
  readonly format: ODataFormat;
  /** Query options of every request, for example `cross-company=true`. */
  readonly options: readonly string[];
  /** What a write asks to be answered with: a version in the answer saves the next update a read. */
  readonly answersWith: 'asked fields' | 'record' | 'nothing';
  /** One spelling for all spellings of a key that the API takes for the same. Throws InputError `KEY_INVALID`. */
  canonicalKey(key: RecordKey): RecordKey;
}

/** What holds where nothing is known beyond OData itself. */
export const PLAIN_ODATA = {
  needsCsrfToken: false,
  options: [],
  keyField: () => undefined,
  readName: field => field,
  fieldType: () => undefined,
  canonicalKey: key => key,
} satisfies Partial<ODataProfile>;

/**
 * Decision rows of OData V4 services (docs/decision-table.md). SAP CAP answers 412 for a deleted record, too; the
 * re-read tells that.
 */
const ODATA_ROWS: readonly Row[] = [
  ...unknownAddressRows(
    /invalid resource path/i,
    'The service does not know this entity set. Check Records and the path of the base URL.',
  ),
  {
    row: 45,
    status: [429],
    apiCode: ['BATCH_TOO_MANY_REQ'],
    class: 'unsupported',
    code: 'BATCH_TOO_LARGE',
    fix: 'The service takes fewer requests in one batch. Send smaller batches, or raise cds.odata.batch_limit in the service.',
  },
];

/** Any OData V4 service, for example one built with SAP CAP. */
export function createOData({ etagFrom }: Pick<ApiSettings, 'etagFrom'>): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    id: 'odata',
    label: 'This OData service',
    methods: ['PATCH', 'PUT'],
    takesActions: true,
    noVersionFix:
      'Have the service name an ETag for this entity, in SAP CAP with @odata.etag on one of its fields.',
    rows: ODATA_ROWS,
    // Even a write that changes nothing makes a new version, and handlers see every field that is sent.
    sendsOnlyDifferences: true,
    // A body that names another version than the header is of no use: what has no header has none then.
    format: etagFrom === 'header' ? { ...ODATA_V4, etagOf: () => undefined } : ODATA_V4,
    // OData 4.0 allows no system query option on a write, and services refuse it.
    answersWith: 'record',
  });
}

/** An API family that speaks OData as the profile says. */
export function createODataFamily(profile: ODataProfile): ApiFamily {
  const { format, options, readName } = profile;
  const headers = odataWriteHeaders(profile);
  const readHeaders = { ...format.headers, 'Cache-Control': 'no-cache' };
  return {
    id: profile.id,
    label: profile.label,
    methods: profile.methods,
    takesActions: profile.takesActions,
    canForce: true,
    needsCsrfToken: profile.needsCsrfToken,
    noVersionFix: profile.noVersionFix,
    rows: profile.rows,
    sendsOnlyDifferences: profile.sendsOnlyDifferences,
    missingMeansNull: false,
    ...(profile.blankIsNull === undefined ? {} : { blankIsNull: profile.blankIsNull }),
    locate: (baseUrl, collection, key) => {
      const sent = profile.canonicalKey(key);
      const ref = locateOData(baseUrl, collection, sent, keyOptions(profile, collection));
      return { ...ref, key };
    },
    keyField: profile.keyField,
    actionUrl: odataActionUrl,
    readRequest: (ref, fields = []) => ({
      method: 'GET',
      url: withOptions(ref.url, [...options, ...selectOption(fields.map(readName))]),
      headers: readHeaders,
    }),
    writeRequest: plan => odataWriteRequest(profile, headers, plan),
    sent: sentWith,
    versionOf: answer => odataVersionOf(answer, format),
    versionFault: answer => odataVersionFault(answer, format),
    valuesOf: answer => odataValuesOf(answer, format),
    errorOf: apiErrorOf,
    readName,
    fieldType: profile.fieldType,
    cleanChanges: changes => checkedOdataChanges(changes, format),
    typesIn: changes => membersOf(changes, format.isType),
  };
}

function keyOptions({ format, keyField }: ODataProfile, collection: string): ODataKeyOptions {
  // Filled in name by name: every record is located by them.
  const keyed: { -readonly [K in keyof ODataKeyOptions]: ODataKeyOptions[K] } = {};
  const primaryKey = keyField(collection);
  if (primaryKey !== undefined) keyed.primaryKey = primaryKey;
  if (format.guid !== undefined) keyed.guid = format.guid;
  return keyed;
}

/**
 * What all writes of one family send. The place of the version is there, because a spread that adds a member costs a
 * visible share of a fast update; left empty it would be refused before a request leaves.
 */
interface ODataWriteHeaders {
  readonly actionHeaders: WireRequest['headers'];
  readonly writeHeaders: WireRequest['headers'];
}

function odataWriteHeaders({ format, answersWith }: ODataProfile): ODataWriteHeaders {
  const json = { ...format.headers, 'Content-Type': 'application/json' };
  const actionHeaders = { ...json, 'If-Match': '' };
  if (answersWith === 'nothing') return { actionHeaders, writeHeaders: actionHeaders };
  const Prefer = 'return=representation';
  return { actionHeaders, writeHeaders: { ...json, Prefer, 'If-Match': '' } };
}

/**
 * The request of a write or of a bound action. It always carries If-Match: without it a service may create a record
 * that is missing. Throws InputError `METHOD_UNSUPPORTED`, `ACTION_INVALID`, `RECORD_UNREAD`, `FIELDS_HIDDEN` or
 * `VERSION_INVALID`.
 */
function odataWriteRequest(
  profile: ODataProfile,
  { actionHeaders, writeHeaders }: ODataWriteHeaders,
  plan: WritePlan,
): WireRequest {
  if (plan.action !== undefined) {
    const headers = { ...actionHeaders, 'If-Match': ifMatch(plan.precondition) };
    return actionRequest(profile, plan, plan.action, headers);
  }
  checkMethod(profile, plan);
  const { format, options, answersWith } = profile;
  const changes = odataChanges(plan.changes, format);
  const fields = answersWith === 'asked fields' ? askedFields(profile, changes, plan) : [];
  const typed = withTypes(changes, plan.types);
  return {
    method: plan.method,
    url: withOptions(plan.ref.url, [...options, ...selectOption(fields)]),
    headers: { ...writeHeaders, 'If-Match': ifMatch(plan.precondition) },
    // Only the record of a PUT came in as digits; changes are plain JSON.
    body:
      plan.method === 'PUT'
        ? stringifyLossless(putBody(profile, plan, typed))
        : stringifyExact(typed),
  };
}

/** What was written and what else the update compares: the next one may go on from the answer. */
function askedFields(
  { readName }: ODataProfile,
  changes: Fields,
  { shown = [] }: WritePlan,
): readonly string[] {
  return [...Object.keys(changes).map(readName), ...shown];
}

function checkMethod({ label, methods }: ODataProfile, { method }: WritePlan): void {
  if (methods.includes(method)) return;
  throw new InputError(
    'METHOD_UNSUPPORTED',
    `${label} does not take ${method}. Use ${methods.join(' or ')}.`,
  );
}

function putBody({ format }: ODataProfile, { read }: WritePlan, changes: Fields): Fields {
  const record = format.recordOf(parseLossless(read?.text ?? ''));
  const body = wholeRecord(record && odataRecord(record, format.isData, format), changes);
  checkShown(format.hiddenFields(record ?? {}), changes);
  return body;
}

function actionRequest(
  profile: ODataProfile,
  plan: WritePlan,
  action: BoundAction,
  headers: WireRequest['headers'],
): WireRequest {
  return {
    method: 'POST',
    url: withOptions(odataActionUrl(plan.ref.url, action.name), profile.options),
    headers,
    body: stringifyExact(action.parameters),
  };
}

/** A qualified name, so that nothing but an action of this record can be reached. */
const ACTION_NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** The address of an action bound to a record. Throws InputError `ACTION_INVALID`. */
function odataActionUrl(recordUrl: string, action: string): string {
  if (ACTION_NAME.test(action)) return `${recordUrl}/${action}`;
  throw new InputError(
    'ACTION_INVALID',
    `The action "${action}" is not a name. Give it with its namespace as the API's metadata has it, for example "Microsoft.Dynamics.CRM.UpdateOrderStatus".`,
  );
}

/** The URL with query options; `url` has none yet. */
function withOptions(url: string, options: readonly string[]): string {
  return options.length === 0 ? url : `${url}?${options.join('&')}`;
}

/**
 * `$select` of these fields; nothing for no fields: the whole record. Names with `@`, such as `customer@odata.bind`,
 * are no properties and would be refused.
 */
function selectOption(fields: readonly string[]): readonly string[] {
  const names = [...new Set(fields)].filter(name => !name.includes('@'));
  return names.length === 0 ? [] : [`$select=${names.map(encoded).join(',')}`];
}

/** Most names are plain, and encoding one is dear. */
function encoded(name: string): string {
  return PLAIN_NAME.test(name) ? name : encodeURIComponent(name);
}

const PLAIN_NAME = /^\w+$/;

/**
 * Row 20: a 404 about the address, not about the record, told by the text of the API. An action is called on a record
 * that was read before, so there it is the action that is unknown.
 */
export function unknownAddressRows(text: RegExp, collectionFix: string): readonly Row[] {
  const unknown: Row = { row: 20, status: [404], text, class: 'unsupported' };
  return [
    {
      ...unknown,
      method: ['POST'],
      code: 'ACTION_UNKNOWN',
      fix: 'The API does not know this action of the record. Check Action: the name with its namespace, as the metadata of the API has it.',
    },
    { ...unknown, code: 'COLLECTION_UNKNOWN', fix: collectionFix },
  ];
}
