import { InputError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import { isMissing } from './checks';
import { holds } from './conditions';
import { english } from './english';
import {
  defaultsOf,
  missingIn,
  upgraded,
  versionOf,
  type ConfigOf,
  type Field,
  type Fields,
  type RowsField,
  type Saved,
} from './fields';

/**
 * A node as it was saved, with the defaults of what has come since. A variable such as `${NAME}` may have brought a
 * number where the dialog has text, or text where it has a checkbox; what is of no use at all gives way to the default.
 */
export function complete<F extends Fields, Saved extends object>(
  fields: F,
  saved: Saved,
): Saved & ConfigOf<F> {
  const config: Record<string, unknown> = {
    ...defaultsOf(fields),
    ...saved,
    ...Object.fromEntries(missingIn(fields, saved)),
  };
  for (const [name, field] of Object.entries(fields)) {
    const value = fitting(field, config[name]);
    config[name] = isOfKind(field, value) ? value : field.value;
  }
  return config as Saved & ConfigOf<F>;
}

/**
 * What makes a saved node unusable, for every message; undefined: nothing. InputError `SETTING_INVALID`: a flow that was
 * edited by hand, or a variable of another type, has given a field what its dialog never would. InputError `SETTINGS_NEWER`.
 */
export function faultIn(fields: Fields, saved: object): InputError | undefined {
  const later = laterVersion(fields, saved as Saved);
  if (later !== undefined) return later;
  const given = upgraded(fields, saved as Saved);
  const other = (name: string): unknown => given[name] ?? fields[name]?.value;
  const bad = Object.entries(fields).find(([name, field]) => {
    const value = given[name];
    return !isMissing(value) && holds(field.when, other) && !isUsable(field, name, value);
  });
  if (bad === undefined) return undefined;
  const [name, field] = bad;
  const label = field.label === undefined ? `The setting "${name}"` : english(field.label);
  return new InputError(
    'SETTING_INVALID',
    `${label} cannot be ${shown(given[name])}. Correct it in the dialog, or the environment variable that it is taken from.`,
  );
}

/** What a later version of this package has saved may mean anything here. */
function laterVersion({ configVersion: field }: Fields, saved: Saved): InputError | undefined {
  const version = versionOf(saved);
  const newest = field?.kind === 'version' ? field.value : 0;
  if (version <= newest) return undefined;
  return new InputError(
    'SETTINGS_NEWER',
    `This node was saved by a later version of the package: its settings have version ${version}, this package knows them up to version ${newest}. Install the later version again, or set the node up anew.`,
  );
}

function isUsable(field: Field, name: string, saved: unknown): boolean {
  const value = fitting(field, saved);
  if (!isOfKind(field, value)) return false;
  return field.kind !== 'choice' || isOption(field.options, name, value);
}

/** The types of typed inputs; a dialog offers some of them only. */
const TYPED = ['msg', 'flow', 'global', 'str', 'num', 'bool', 'json', 'bin', 're', 'date'];
const TYPES: readonly unknown[] = [...TYPED, 'jsonata', 'env'];

function isOption(options: readonly string[], name: string, value: unknown): boolean {
  return options.includes(value as string) || (name.endsWith('Type') && TYPES.includes(value));
}

function fitting(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'number':
    case 'outputs':
    case 'version':
    case 'object':
      return value;
    case 'flag':
      return value === 'true' || (value === 'false' ? false : value);
    case 'rows':
      return Array.isArray(value) ? value.map((row: unknown) => fittingRow(field, row)) : value;
    default:
      return asText(value);
  }
}

function fittingRow({ texts = [] }: RowsField, row: unknown): unknown {
  if (!isFields(row)) return row;
  const made = texts.map(name => [name, asText(row[name])] as const);
  return { ...row, ...Object.fromEntries(made) };
}

function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function isOfKind(field: Field, value: unknown): boolean {
  switch (field.kind) {
    case 'number':
      return typeof value === 'number' || typeof value === 'string';
    case 'outputs':
    case 'version':
      return true;
    case 'flag':
      return typeof value === 'boolean';
    case 'object':
      return isFields(value);
    case 'rows':
      return areRows(field, value);
    default:
      return typeof value === 'string';
  }
}

/** Where no members are named, whoever uses the rows looks at them. */
function areRows({ texts = [], lists = [] }: RowsField, rows: unknown): boolean {
  if (texts.length + lists.length === 0) return true;
  const isRow = (row: unknown): boolean =>
    isFields(row) &&
    texts.every(name => typeof row[name] === 'string') &&
    lists.every(name => Array.isArray(row[name]));
  // A copy has no holes, which `every` would pass over.
  return Array.isArray(rows) && Array.from(rows as unknown[]).every(isRow);
}

/** Never the value of a text: it may be a secret that was put into the wrong field. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'this list';
  return typeof value === 'string' ? 'this text' : `a value of type ${typeof value}`;
}
