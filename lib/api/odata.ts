import type { Answer } from '../outcome/answer';
import { apiErrorOf } from '../outcome/api-error';
import type { ApiError } from '../outcome/row';
import { isFields, type Fields, type RecordKey } from '../record/fields';
import { encodeODataKey, type ODataKeyOptions } from '../record/key';
import type { RecordRef } from '../record/ref';
import { recordUrl, type BaseUrl } from '../record/url';
import { checkETag } from '../record/version';
import { ODATA_V4, type IsMember } from './odata-formats';
import { hasSucceeded, usable } from './precondition';

export type { ODataFormat } from './odata-formats';

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

/** The record's fields that can be seen; undefined when the answer carries no record. */
export function odataValuesOf(answer: Answer, format = ODATA_V4): Fields | undefined {
  const record = hasSucceeded(answer) ? format.recordOf(answer.json) : undefined;
  if (record === undefined) return undefined;
  const hidden = format.hiddenFields(record);
  if (hidden.length === 0) return membersOf(record, format.isData);
  return membersOf(record, (name, value) => format.isData(name, value) && !hidden.includes(name));
}

/** Changes as a service takes them. An echoed ETag would change what the write means. */
export function odataChanges(changes: Fields, format = ODATA_V4): Fields {
  return membersOf(changes, format.isSendable);
}

/** The members of an object that `isKept` lets pass. */
export function membersOf(fields: Fields, isKept: IsMember): Fields {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (!isKept(name, value)) continue;
    // Assigning that one would set the prototype.
    if (name === '__proto__') Object.defineProperty(kept, name, { value, enumerable: true });
    else kept[name] = value;
  }
  return kept;
}

/**
 * The API's code and message, and the messages below them: services often say only there what is wrong (`details` of
 * OData V4, `innererror` of Finance & Operations, its `errordetails` of SAP Gateway).
 */
export function odataErrorOf(answer: Answer): ApiError {
  const body = answer.json;
  if (!isFields(body) || !isFields(body.error)) return apiErrorOf(answer);
  const { error } = body;
  const message = [...new Set([apiErrorOf(answer).message, ...innerMessages(error)])]
    .filter(text => text !== undefined)
    .join(' ');
  return apiErrorOf({ ...answer, json: { ...body, error: { ...error, message } } });
}

function innerMessages({ details, innererror }: Fields): string[] {
  const inner = fieldsOf(innererror);
  const all = [inner, fieldsOf(inner.internalexception), details, inner.errordetails].flat();
  return all.map(item => fieldsOf(item).message).filter(message => typeof message === 'string');
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
