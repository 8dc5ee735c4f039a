import { hasSucceeded, type Answer } from '../../outcome/answer';
import { isFields, setOwn, type Fields, type RecordKey } from '../../record/fields';
import { encodeODataKey, type ODataKeyOptions } from '../../record/key';
import type { RecordRef } from '../../record/ref';
import { recordUrl, type BaseUrl } from '../../record/url';
import { checkETag, usable } from '../../record/version';
import { etagFault } from '../write';
import { checkAnnotations, isType, OF_RECORD_V3, typesOf } from './annotations';

/** How a version of OData carries a record: its headers, its envelope, and what in it is not data. */
export interface ODataFormat {
  readonly headers: Readonly<Record<string, string>>;
  readonly guid?: ODataKeyOptions['guid'];
  /** The record in the body of an answer; undefined when there is none. */
  readonly recordOf: (body: unknown) => Fields | undefined;
  /** The ETag that the record itself carries. */
  readonly etagOf: (record: Fields) => unknown;
  /** A field of the record, and not control information. */
  readonly isData: IsMember;
  readonly isSendable: IsMember;
  /** The type of a value, which goes with it. */
  readonly isType: (name: string) => boolean;
  /** Fields that the caller may not see: their value is unknown, not null. */
  readonly hiddenFields: (record: Fields) => readonly string[];
}

/** Whether a member of an object, by its name and value, is one of a kind. */
export type IsMember = (name: string, value: unknown) => boolean;

const BIND = '@odata.bind';

/** Annotations that say the caller may not see a field. */
const PERMISSIONS = ['@Core.Permissions', '@Org.OData.Core.V1.Permissions'];

/** OData V4, JSON format. Without at least minimal metadata a service leaves the ETag out of the body. */
export const ODATA_V4: ODataFormat = {
  headers: {
    Accept: 'application/json;odata.metadata=minimal',
    'OData-Version': '4.0',
    'OData-MaxVersion': '4.0',
  },
  recordOf: body => (isFields(body) ? body : undefined),
  etagOf: record => record['@odata.etag'] ?? record['@etag'] ?? record['odata.etag'],
  isData: name => !isControl(name),
  isSendable: name => isBind(name) || !isControl(name),
  isType,
  hiddenFields,
};

/** OData V2, verbose JSON: the record under `d`, control information under `__metadata`. */
export const ODATA_V2: ODataFormat = {
  headers: { Accept: 'application/json' },
  guid: 'v2',
  recordOf: body => (isFields(body) && isFields(body.d) ? body.d : undefined),
  etagOf: ({ __metadata: metadata }) => (isFields(metadata) ? metadata.etag : undefined),
  isData: isV2Data,
  isSendable: isV2Data,
  isType: () => false,
  hiddenFields: () => [],
};

/**
 * OData V3, "light" JSON, as Azure Table speaks it: the record's own annotations have no "@", and the types of fields
 * lie beside them. A service that does not see them again takes a long number or a time for text.
 */
export const ODATA_V3: ODataFormat = {
  headers: {
    Accept: 'application/json;odata=minimalmetadata',
    DataServiceVersion: '3.0',
    MaxDataServiceVersion: '3.0',
  },
  // Keys are text there, also where they look like a GUID.
  guid: false,
  recordOf: body => (isFields(body) ? body : undefined),
  etagOf: record => record['odata.etag'],
  isData: name => !isControl(name),
  isSendable: name => !isControl(name),
  isType: name => name === OF_RECORD_V3 || isType(name),
  hiddenFields: () => [],
};

/** With "@" since V4; V3 writes that of the record as `odata.metadata`, which can be no name of a field. */
function isControl(name: string): boolean {
  return name.includes('@') || name.startsWith('odata.');
}

/** Whether the field is a lookup written by reference, such as `customerid@odata.bind`. */
export function isBind(name: string): boolean {
  return name.length > BIND.length && name.endsWith(BIND);
}

/** The lookup that a `…@odata.bind` field sets. */
export function boundLookup(name: string): string {
  return name.slice(0, -BIND.length);
}

/** A navigation property that was not expanded is a link, not a value. */
function isV2Data(name: string, value: unknown): boolean {
  return name !== '__metadata' && !(isFields(value) && isFields(value.__deferred));
}

function hiddenFields(record: Fields): readonly string[] {
  const denied = Object.keys(record).filter(name => record[name] === 'None');
  if (denied.length === 0) return NONE;
  return PERMISSIONS.flatMap(annotation =>
    denied.filter(name => name.endsWith(annotation)).map(name => name.slice(0, -annotation.length)),
  );
}

const NONE: readonly string[] = [];

/** The record at `collection(key)`. Throws InputError `KEY_INVALID` or `COLLECTION_INVALID`. */
export function locateOData(
  baseUrl: BaseUrl,
  collection: string,
  key: RecordKey,
  options: ODataKeyOptions = {},
): RecordRef {
  return { collection, key, url: recordUrl(baseUrl, collection, encodeODataKey(key, options)) };
}

/** The record's version. The body wins over the header, which intermediaries rewrite when they compress. */
export function odataVersionOf(answer: Answer, format = ODATA_V4): string | undefined {
  if (!hasSucceeded(answer)) return undefined;
  const inBody = format.etagOf(format.recordOf(answer.json) ?? {});
  return usable(checkETag, inBody ?? answer.headers.etag);
}

/** What is wrong with the version that an answer names, as a sentence; undefined when nothing is. */
export function odataVersionFault(answer: Answer, format = ODATA_V4): string | undefined {
  return etagFault(format.etagOf(format.recordOf(answer.json) ?? {}) ?? answer.headers.etag);
}

/** The record's fields that can be seen; undefined when the answer carries no record. */
export function odataValuesOf(answer: Answer, format = ODATA_V4): Fields | undefined {
  const record = hasSucceeded(answer) ? format.recordOf(answer.json) : undefined;
  return record === undefined ? undefined : visibleFields(record, format);
}

/** The record's fields that can be seen, without what the service writes about them. */
export function visibleFields(record: Fields, format: ODataFormat): Fields {
  const hidden = format.hiddenFields(record);
  if (hidden.length === 0) return membersOf(record, format.isData);
  return membersOf(record, (name, value) => format.isData(name, value) && !hidden.includes(name));
}

/** Changes as a service takes them. An echoed ETag would change what the write means. */
export function odataChanges(changes: Fields, format = ODATA_V4): Fields {
  return membersOf(changes, format.isSendable);
}

/** The same of changes as they come, refusing what must not be left out. Throws InputError `CHANGES_INVALID`. */
export function checkedOdataChanges(changes: Fields, format = ODATA_V4): Fields {
  checkAnnotations(changes, name => format.isSendable(name, changes[name]));
  return odataChanges(changes, format);
}

/** Changes with the types of what they write. */
export function withTypes(changes: Fields, annotations: Fields | undefined): Fields {
  return annotations === undefined ? changes : { ...typesOf(annotations, changes), ...changes };
}

/** What of a record that was read goes back with a PUT: its data, and what says of which type it is. */
export function odataRecord(
  record: Fields,
  isKept: IsMember,
  { isType: isTyping }: ODataFormat,
): Fields {
  return membersOf(
    record,
    (name, value) => isKept(name, value) || (isTyping(name) && types(record, name)),
  );
}

/** Whether what a type annotation is about is there: the record itself, or one of its fields. */
function types(record: Fields, annotation: string): boolean {
  const [field = ''] = annotation.split('@');
  return field === '' || field === annotation || Object.hasOwn(record, field);
}

/** The members of an object that `isKept` lets pass. */
export function membersOf(fields: Fields, isKept: IsMember): Fields {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (isKept(name, value)) setOwn(kept, name, value);
  }
  return kept;
}

/** Whether a name or a path belongs to what OData says about a record. A service sends it unasked. */
export function isAnnotation(path: string): boolean {
  return isControl(path) || path.split('.').includes('__metadata');
}
