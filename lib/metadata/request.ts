import type { FamilyId } from '../api/family-ids';
import { InputError } from '../errors';
import type { WireRequest } from '../transport/transport';
import { describedBy, type DescribeWhat } from './described';

/**
 * The request for a description, which never asks for more than it takes.
 * @param query of the endpoint, for example `sap-client=100`; empty: none
 * Throws InputError `DESCRIBE_INVALID` for a name that is none.
 */
export function describeRequest(
  family: FamilyId,
  baseUrl: URL,
  asked: DescribeWhat,
  query: string,
): WireRequest {
  const base = baseUrl.href.replace(/\/+$/, '');
  return describedBy(family) === 'dataverse'
    ? get(`${base}/${definitions(asked)}`, JSON_V4)
    : get(`${base}/$metadata${query === '' ? '' : `?${query}`}`, { accept: 'application/xml' });
}

const JSON_V4 = {
  accept: 'application/json;odata.metadata=none',
  'odata-version': '4.0',
  'odata-maxversion': '4.0',
};

function get(url: string, headers: WireRequest['headers']): WireRequest {
  return { method: 'GET', url, headers };
}

const TABLE =
  'LogicalName,EntitySetName,PrimaryIdAttribute,IsOptimisticConcurrencyEnabled,DisplayName';
const COLUMN =
  'LogicalName,AttributeType,AttributeOf,IsPrimaryId,IsValidForRead,IsValidForUpdate,DisplayName';

function definitions(asked: DescribeWhat): string {
  if (asked.what === 'sets') return `EntityDefinitions?$select=${TABLE}`;
  const attributes = `EntityDefinitions(LogicalName='${logical(asked.table)}')/Attributes`;
  if (asked.what === 'fields') return `${attributes}?$select=${COLUMN}`;
  const column = `${attributes}(LogicalName='${logical(asked.column)}')`;
  // Columns may share the options of a set that is defined apart from them.
  const sets = asked.type === 'Picklist' ? 'OptionSet,GlobalOptionSet' : 'OptionSet';
  return `${column}/Microsoft.Dynamics.CRM.${asked.type}AttributeMetadata?$select=LogicalName&$expand=${sets}`;
}

/** The logical name of a table or column is a word, so that nothing else gets into the address. */
function logical(name: string): string {
  if (/^\w{1,128}$/.test(name)) return name;
  throw new InputError(
    'DESCRIBE_INVALID',
    'The name of a table or column of Dataverse has letters, digits and underscores only. Type the name yourself.',
  );
}
