import type { TextKey } from './text-key';

/**
 * The table of fields of a dialog, as each `config.ts` has one: what both halves of a node know of its settings. The
 * editor half takes defaults, validators and rows of the form from it, the runtime its ranges and its sentences.
 */

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** An empty field has a meaning of its own; in a list, empty parts mean nothing. */
  readonly blank?: boolean;
}

interface Common {
  /** Key of the catalogue; a field without one has no check. */
  readonly label?: TextKey;
  /** With which other fields it counts, as in `data-when`; elsewhere it is hidden, unchecked, and its default holds. */
  readonly when?: string;
  /** It may not be empty: always, or with these other fields. */
  readonly required?: true | string;
  /** The dialog's script has a check of its own, for what only the editor can tell. */
  readonly own?: true;
  /** Of the error at run time; default: NUMBER_INVALID. */
  readonly code?: string;
  /** The same for a field that is empty; default: `code`. */
  readonly missing?: string;
  /** What it may not be beside other fields, which `other` reads: asked once the rest of the field is in order. */
  readonly also?: (value: unknown, other: ReadField) => Clash;
}

/** Reads another field of the same dialog: text, or `true` and `false` of a checkbox. */
export type ReadField = (name: string) => unknown;

/** Key of the sentence that says what is wrong, and what it names besides the label. */
export type Clash = undefined | { readonly key: TextKey; readonly values?: Record<string, string> };

/** Units as a label shows them. */
export type Unit = 's' | 'min' | 'KB' | '%';

export interface NumberField extends Common, Range {
  readonly kind: 'number';
  /** As the dialog stores it: what was typed, or text such as `${RETRIES}`. */
  readonly value: number | string;
  readonly unit?: Unit;
}

export interface NumbersField extends Common, Range {
  /** Numbers separated by commas. */
  readonly kind: 'numbers';
  readonly value: string;
  readonly unit?: Unit;
  /** What none of them may be. */
  readonly except?: readonly number[];
}

export interface TextField extends Common {
  readonly kind:
    | 'text'
    | 'url'
    | 'base-url'
    | 'header'
    /** Lines of names and values. */
    | 'headers'
    /** Lines such as `audience=https://api.example.com`. */
    | 'form'
    | 'query'
    | 'parameter'
    | 'time'
    | 'days'
    | 'time-zone';
  readonly value: string;
}

export interface FlagField extends Common {
  readonly kind: 'flag';
  readonly value: boolean;
}

export interface ChoiceField extends Common {
  readonly kind: 'choice';
  readonly value: string;
  readonly options: readonly string[];
}

/** A message property, such as `record`. */
export interface PlaceField extends Common {
  readonly kind: 'place';
  readonly value: string;
}

/** A typed input; the field `<name>Type` holds the type. */
export interface TypedField extends Common {
  readonly kind: 'typed';
  readonly value: string;
  /** The types that stand for themselves, without a value. */
  readonly bare?: readonly string[];
  /** The types with which it may be empty. */
  readonly blank?: readonly string[];
  /** The types of our own that hold a JSONata expression. */
  readonly jsonata?: readonly string[];
}

/** Id of a config node. */
export interface NodeField extends Common {
  readonly kind: 'node';
  readonly value: string;
  readonly type: string;
}

/** Rows of a table, which the dialog's script shows and reads. */
export interface RowsField extends Common {
  readonly kind: 'rows';
  readonly value: readonly unknown[];
  /** Members of a row that hold text. */
  readonly texts?: readonly string[];
  /** Members of a row that hold lists. */
  readonly lists?: readonly string[];
}

/** Settings that are kept together in one object; the dialog's script shows and reads them. */
export interface ObjectField extends Common {
  readonly kind: 'object';
  readonly value: Readonly<Record<string, unknown>>;
}

/** How many outputs the node has. */
export interface OutputsField extends Common {
  readonly kind: 'outputs';
  readonly value: number;
}

/** A node as it was saved. */
export type Saved = Readonly<Record<string, unknown>>;

/** What one version of the settings makes of a node that the version before has saved. */
export type Step = (saved: Saved) => Saved;

/**
 * The version of a node's settings, saved with each node: `configVersion` in its table. Version 0 is what was saved before
 * there were versions; a table without this field has no other. A field that was added needs no step where its default is
 * what held before. A step is for a field that has another name now or another meaning, or stands for something else in
 * nodes saved earlier. Steps are never changed and never taken away.
 */
export interface VersionField extends Common {
  readonly kind: 'version';
  /** The newest: as many as there are steps. */
  readonly value: number;
  /** From each version to the next. */
  readonly steps: readonly Step[];
}

export type Field =
  | VersionField
  | NumberField
  | NumbersField
  | TextField
  | FlagField
  | ChoiceField
  | PlaceField
  | TypedField
  | NodeField
  | RowsField
  | ObjectField
  | OutputsField;

export type Fields = Readonly<Record<string, Field>>;

/** The settings as Node-RED stores them. */
export type ConfigOf<F extends Fields> = { -readonly [Name in keyof F]: ValueOf<F[Name]> };

type ValueOf<F extends Field> = F extends VersionField
  ? number
  : F extends NumberField
    ? number | string
    : F extends FlagField
      ? boolean
      : F extends ChoiceField
        ? F['options'][number]
        : F extends RowsField
          ? F['value'] extends readonly (infer Row)[]
            ? Row[]
            : never
          : F extends ObjectField
            ? Readonly<Record<string, unknown>>
            : F extends OutputsField
              ? number
              : string;

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export function defaultsOf<F extends Fields>(fields: F): ConfigOf<F> {
  const entries = Object.entries(fields).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries) as ConfigOf<F>;
}

/** The version of the settings that a node was saved with. */
export function versionOf({ configVersion = 0 }: Saved): number {
  return Number(configVersion) || 0;
}

/** A saved node in the words of the newest version; one of a later version of this package stays as it is. */
export function upgraded({ configVersion: field }: Fields, saved: Saved): Saved {
  const version = versionOf(saved);
  const left = field?.kind === 'version' ? field.steps.slice(version) : [];
  return left.reduce(
    (node, step, at) => ({ ...step(node), configVersion: version + at + 1 }),
    saved,
  );
}

/** What holds for the fields that a saved node lacks, or that meant something else in its version. */
export function missingIn(fields: Fields, saved: object): [name: string, value: unknown][] {
  const had = saved as Saved;
  const has = upgraded(fields, had);
  return Object.entries(fields)
    .filter(([name]) => had[name] === undefined || had[name] !== has[name])
    .map(([name, { value }]) => [name, has[name] === undefined ? value : has[name]]);
}

/** What the editor half says of a property when it registers the node. */
export interface Property {
  readonly value: unknown;
  /** Of the config node it points to. */
  readonly type?: string;
  /** Node-RED itself says that it is missing, by its label: a key here. */
  readonly required?: boolean;
  readonly label?: TextKey;
  /** There is a validator of its name. */
  readonly checked: boolean;
}

export function propertyOf(field: Field): Property {
  const { value, label } = field;
  const type = field.kind === 'node' ? { type: field.type } : {};
  const property = { value, ...type, checked: isChecked(field) };
  if (field.kind === 'node' && field.required === undefined)
    return { ...property, required: false };
  return isAsked(field) && label !== undefined ? { ...property, required: true, label } : property;
}

/** Whether Node-RED asks for it: only what is needed always, and empty in a new node. */
function isAsked({ kind, required, when }: Field): boolean {
  return (kind === 'node' || kind === 'typed') && required === true && when === undefined;
}

function isChecked(field: Field): boolean {
  const { kind, label, required, own, also } = field;
  if (own === true || also !== undefined) return true;
  if (label === undefined || kind === 'flag') return false;
  if (kind === 'choice') return required !== undefined;
  if (kind === 'node') return required !== undefined && !isAsked(field);
  return kind !== 'text' || required !== undefined;
}

/** The same fields, which count with this condition only. */
export function fieldsWhen<F extends Fields>(condition: string, fields: F): F {
  const entries = Object.entries(fields).map(([name, field]) => [
    name,
    { ...field, when: field.when === undefined ? condition : `${condition};${field.when}` },
  ]);
  return Object.fromEntries(entries) as F;
}
