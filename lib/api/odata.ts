import type { Answer } from '../outcome/answer';
import { isFields, type Fields, type RecordKey } from '../record/fields';
import { encodeODataKey } from '../record/key';
import type { RecordRef } from '../record/ref';
import { recordUrl, type BaseUrl } from '../record/url';
import { checkETag } from '../record/version';
import { hasSucceeded, usable } from './precondition';

/** Without at least minimal metadata an OData service leaves the ETag out of the body. */
export const ODATA_HEADERS: Readonly<Record<string, string>> = {
  Accept: 'application/json;odata.metadata=minimal',
  'OData-Version': '4.0',
  'OData-MaxVersion': '4.0',
};

/** Annotations that say the caller may not see a field: its value is unknown, not null. */
const PERMISSIONS = ['@Core.Permissions', '@Org.OData.Core.V1.Permissions'];
const BIND = '@odata.bind';

/** The record at `collection(key)`. Throws InputError `KEY_INVALID` or `COLLECTION_INVALID`. */
export function locateOData(
  baseUrl: BaseUrl,
  collection: string,
  key: RecordKey,
  primaryKey?: string,
): RecordRef {
  const keyPart = encodeODataKey(key, primaryKey === undefined ? {} : { primaryKey });
  return { collection, key, url: recordUrl(baseUrl, collection, keyPart) };
}

/** The URL with `$select` of these fields; no fields: the whole record. */
export function withSelect(url: string, fields: readonly string[]): string {
  if (fields.length === 0) return url;
  return `${url}?$select=${[...new Set(fields)].map(encodeURIComponent).join(',')}`;
}

/** The record's version. The body wins over the header, which intermediaries rewrite when they compress. */
export function odataVersionOf(answer: Answer): string | undefined {
  if (!hasSucceeded(answer)) return undefined;
  const body = isFields(answer.json) ? answer.json : {};
  return usable(checkETag, body['@odata.etag'] ?? body['@etag'] ?? answer.headers.etag);
}

/** The record's fields that can be seen, without annotations. */
export function odataValuesOf(answer: Answer): Fields | undefined {
  const body = answer.json;
  if (!hasSucceeded(answer) || !isFields(body)) return undefined;
  return withoutAnnotations(body, name => !isAnnotation(name) && !isHidden(name, body));
}

/** Changes as a service takes them. An echoed `@odata.etag` would change what the write means. */
export function odataChanges(changes: Fields): Fields {
  return withoutAnnotations(changes, name => isBind(name) || !isAnnotation(name));
}

/** Whether the field is a lookup written by reference, such as `customerid@odata.bind`. */
export function isBind(name: string): boolean {
  return name.length > BIND.length && name.endsWith(BIND);
}

/** The lookup that a `…@odata.bind` field sets. */
export function boundLookup(name: string): string {
  return name.slice(0, -BIND.length);
}

function isAnnotation(name: string): boolean {
  return name.includes('@');
}

function isHidden(name: string, body: Fields): boolean {
  return PERMISSIONS.some(annotation => body[name + annotation] === 'None');
}

function withoutAnnotations(fields: Fields, isKept: (name: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isKept(name)));
}
