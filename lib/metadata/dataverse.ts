import { isFields, type Fields } from '../record/fields';
import { comparedAsColumn } from './compared-as';
import {
  sortedByName,
  type Announced,
  type Listed,
  type NoDescription,
  type RecordField,
  type RecordSet,
  type StateOption,
} from './description';

/**
 * Tables out of an answer to `EntityDefinitions`. It has all of them: Dataverse pages its rows, but no definitions
 * (https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api).
 */
export function readTables(text: string): Listed<RecordSet> | NoDescription {
  return listed(text, table => {
    const { EntitySetName: name, LogicalName: type, PrimaryIdAttribute: key } = table;
    // A table without a set has no address of its own.
    if (!isName(name) || !isName(type)) return undefined;
    return {
      name,
      type,
      keys: isName(key) ? [key] : [],
      protection: protectionOf(table.IsOptimisticConcurrencyEnabled),
      ...labelled(table.DisplayName),
    };
  });
}

function protectionOf(isEnabled: unknown): Announced {
  if (typeof isEnabled !== 'boolean') return 'not-announced';
  return isEnabled ? 'announced' : 'off';
}

/** Types of columns that are no fields of their own, or come with another one. */
const NO_FIELDS = ['Virtual', 'PartyList', 'CalendarRules', 'ManagedProperty', 'EntityName'];
/** Those that point to other rows, and are read as `_name_value`. */
const LOOKUPS = ['Lookup', 'Customer', 'Owner'];

/** Columns out of an answer to `EntityDefinitions(…)/Attributes`. */
export function readColumns(text: string): Listed<RecordField> | NoDescription {
  return listed(text, column => {
    const { LogicalName: name, AttributeType: type, AttributeOf: owner } = column;
    if (!isName(name) || !isName(type) || isName(owner)) return undefined;
    if (NO_FIELDS.includes(type) || column.IsValidForRead === false) return undefined;
    const isLookup = LOOKUPS.includes(type);
    const comparedAs = comparedAsColumn(type);
    return {
      name: isLookup ? `_${name}_value` : name,
      type,
      isKey: column.IsPrimaryId === true,
      // A lookup is written by its own name with `@odata.bind`.
      isReadOnly: isLookup || column.IsValidForUpdate === false,
      ...(comparedAs === undefined ? {} : { comparedAs }),
      ...labelled(column.DisplayName),
    };
  });
}

/** What one column may hold, out of an answer with its option set. */
export function readOptions(text: string, column: string): readonly StateOption[] | NoDescription {
  const body = parsed(text);
  if (typeof body === 'string') return body;
  const columns = Array.isArray(body.value) ? (body.value as unknown[]) : [body];
  const own = columns.filter(isFields).find(({ LogicalName: name }) => name === column);
  const set = [own?.OptionSet, own?.GlobalOptionSet].filter(isFields).find(hasOptions);
  const options = set === undefined ? [] : set.Options.filter(isFields).flatMap(optionOf);
  return options.length === 0 ? 'empty' : options;
}

function hasOptions(set: Fields): set is { readonly Options: readonly unknown[] } {
  return Array.isArray(set.Options);
}

function optionOf({ Value: value, Label: label }: Fields): StateOption[] {
  return typeof value === 'number' ? [{ value, ...labelled(label) }] : [];
}

function listed<Item extends { readonly name: string }>(
  text: string,
  itemOf: (member: Fields) => Item | undefined,
): Listed<Item> | NoDescription {
  const body = parsed(text);
  if (typeof body === 'string') return body;
  if (!Array.isArray(body.value)) return 'unreadable';
  const items = (body.value as unknown[])
    .filter(isFields)
    .map(itemOf)
    .filter(item => item !== undefined);
  if (items.length === 0) return 'empty';
  return { items: sortedByName(items), isPart: isName(body['@odata.nextLink']) };
}

function parsed(text: string): Fields | NoDescription {
  const begins = text.trimStart();
  if (begins.startsWith('<')) return 'page';
  try {
    const body: unknown = JSON.parse(text);
    return isFields(body) ? body : 'unreadable';
  } catch {
    return begins.startsWith('{') && !begins.trimEnd().endsWith('}') ? 'cut' : 'unreadable';
  }
}

/** In the language of the user that the endpoint signs in as. */
function labelled(label: unknown): { label?: string } {
  const own = isFields(label) && isFields(label.UserLocalizedLabel) ? label.UserLocalizedLabel : {};
  return isName(own.Label) ? { label: own.Label } : {};
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
