import { isFields, type Fields } from '../record/fields';
import type { ODataKeyOptions } from '../record/key';

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
  etagOf: record => record['@odata.etag'] ?? record['@etag'],
  isData: name => !name.includes('@'),
  isSendable: name => isBind(name) || !name.includes('@'),
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
  hiddenFields: () => [],
};

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
