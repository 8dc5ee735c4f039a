import type { Fields } from '../record/fields';
import { membersOf } from './odata';
import { ODATA_V2, ODATA_V4, type ODataFormat } from './odata-formats';
import type { ApiSettings } from './settings';
import { checkShown } from './whole-record';

/** How a generic API carries a record; undefined for plain JSON. V2 is told by the envelope `d` around its records. */
export function formatOf({ keyStyle, recordPath }: ApiSettings): ODataFormat | undefined {
  if (keyStyle !== 'odata') return undefined;
  return recordPath === 'd' ? ODATA_V2 : ODATA_V4;
}

/** The record's fields that can be seen, without what an OData service writes about them. */
export function visibleFields(record: Fields, format: ODataFormat | undefined): Fields {
  if (format === undefined) return record;
  const hidden = format.hiddenFields(record);
  return membersOf(record, (name, value) => format.isData(name, value) && !hidden.includes(name));
}

/** Fields as the API takes them: an OData service may act on annotations that are echoed. */
export function sendableFields(fields: Fields, format: ODataFormat | undefined): Fields {
  return format === undefined ? fields : membersOf(fields, format.isSendable);
}

/** A record that was read as a PUT sends it back. Throws InputError `FIELDS_HIDDEN`. */
export function recordToSend(
  record: Fields,
  changes: Fields,
  format: ODataFormat | undefined,
): Fields {
  checkShown(format?.hiddenFields(record) ?? [], changes);
  return sendableFields(record, format);
}

/** Whether a name or a path belongs to what OData says about a record. A service sends it unasked. */
export function isAnnotation(path: string): boolean {
  return path.includes('@') || path.split('.').includes('__metadata');
}
