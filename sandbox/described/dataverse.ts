import { jsonReply } from '../http/reply';
import type { Reply } from '../http/reply';
import { CODES, odataError } from '../odata';
import type { Field, Fields } from '../records/field-types';
import type { DescribedSet } from './sets';

const PATH =
  /^EntityDefinitions(?:\(LogicalName='(\w+)'\)\/Attributes(?:\(LogicalName='(\w+)'\)\/Microsoft\.Dynamics\.CRM\.(\w+)AttributeMetadata)?)?$/;

/** Answers below `EntityDefinitions` as Dataverse does; undefined for another path. */
export function definitionsAt(
  rest: string,
  query: string,
  sets: readonly DescribedSet[],
): Reply | undefined {
  const parts = PATH.exec(rest);
  if (parts === null) return undefined;
  const [, table, column] = parts;
  const selected = new URLSearchParams(query).get('$select')?.split(',');
  // The whole of it is larger than anybody waits for.
  if (selected === undefined) return odataError(400, CODES.querySyntax, 'Use $select.');
  if (table === undefined) return list(sets.map(tableOf), selected);
  const found = sets.find(({ type }) => type === table);
  if (found === undefined) return odataError(404, CODES.notFound, `There is no table ${table}.`);
  if (column === undefined) {
    const columns = Object.entries(found.schema).map(([name, field]) =>
      columnOf(found, name, field),
    );
    return list(columns, selected);
  }
  const field = found.schema[column];
  if (field?.type !== 'option') {
    return odataError(404, CODES.notFound, `There is no choice ${column}.`);
  }
  return jsonReply(200, { LogicalName: column, OptionSet: { Options: optionsOf(field) } });
}

function list(members: readonly Fields[], selected: readonly string[]): Reply {
  const value = members.map(member =>
    Object.fromEntries(selected.map(name => [name, member[name] ?? null])),
  );
  return jsonReply(200, { value });
}

function label(text: string): Fields {
  return { UserLocalizedLabel: { Label: text, LanguageCode: 1033 } };
}

function tableOf({ set, type, keys, hasVersions }: DescribedSet): Fields {
  return {
    LogicalName: type,
    EntitySetName: set,
    PrimaryIdAttribute: keys[0],
    IsOptimisticConcurrencyEnabled: hasVersions,
    DisplayName: label(type),
  };
}

const TYPES = {
  text: 'String',
  integer: 'BigInt',
  decimal: 'Money',
  guid: 'Uniqueidentifier',
  date: 'DateTime',
  'date-time': 'DateTime',
} as const;
const LOOKUP = /^_(\w+)_value$/;

/** A choice is a number; where the records here hold a text, the column is one. */
function typeOf(name: string, field: Field): string {
  if (field.type !== 'option') return TYPES[field.type];
  if (field.options.some(option => typeof option === 'string')) return 'String';
  return CHOICES[name] ?? 'Picklist';
}

const CHOICES: Readonly<Record<string, string>> = { statecode: 'State', statuscode: 'Status' };

function columnOf({ keys }: DescribedSet, name: string, field: Field): Fields {
  const lookup = LOOKUP.exec(name)?.[1];
  return {
    LogicalName: lookup ?? name,
    AttributeType: lookup === undefined ? typeOf(name, field) : 'Lookup',
    AttributeOf: null,
    IsPrimaryId: keys.includes(name),
    IsValidForRead: true,
    IsValidForUpdate: field.readOnly !== true,
    DisplayName: label(lookup ?? name),
  };
}

function optionsOf({ options }: Extract<Field, { readonly type: 'option' }>): Fields[] {
  return options.map(option => ({ Value: option, Label: label(`Choice ${String(option)}`) }));
}
