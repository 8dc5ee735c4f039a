import { InputError } from '../../lib/errors';
import { checkField, isEnvironment, type Translate } from './checks';
import { holds } from './conditions';
import type { ConfigOf, Field, Fields } from './fields';

/** The names of the fields of a kind. */
type Named<F extends Fields, Kind extends Field['kind']> = {
  [Name in keyof F]: F[Name]['kind'] extends Kind ? Name : never;
}[keyof F] &
  string;

/** Reads the fields of a dialog by its table. Each throws InputError, with the dialog's own sentence, for what does not fit. */
export interface Settings<F extends Fields> {
  number(name: Named<F, 'number'>): number;
  /** A number that may be empty; undefined where it is. */
  optional(name: Named<F, 'number'>): number | undefined;
  /** Of a field in seconds. */
  ms(name: Named<F, 'number'>): number;
  numbers(name: Named<F, 'numbers'>): number[];
  /** Without blanks around it. */
  text(name: Named<F, TextKind>): string;
  flag(name: Named<F, 'flag'>): boolean;
  choice<Name extends Named<F, 'choice'>>(name: Name): ConfigOf<F>[Name];
}

type TextKind = Exclude<
  Field['kind'],
  'number' | 'numbers' | 'flag' | 'choice' | 'rows' | 'object' | 'outputs' | 'place'
>;

/** @param t says what is wrong */
export function readSettings<F extends Fields>(
  t: Translate,
  fields: F,
  config: { readonly [Name in keyof F]?: unknown },
): Settings<F> {
  const read = (name: string): unknown => valueOf({ t, fields, config }, name);
  const number = (name: Named<F, 'number'>): number => Number(read(name));
  return {
    number,
    optional: name => (String(read(name)).trim() === '' ? undefined : number(name)),
    ms: name => Math.round(number(name) * 1000),
    numbers: name => namesIn(String(read(name))).map(Number),
    text: name => String(read(name)).trim(),
    flag: name => read(name) === true,
    choice: name => read(name) as never,
  };
}

/** Names separated by commas; blanks are dropped. */
export function namesIn(text: string): string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

/** The fields of a dialog, what they hold, and who says what is wrong with it. */
interface Dialog {
  readonly t: Translate;
  readonly fields: Fields;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What the field holds, found in order; its default where it does not count. */
function valueOf({ t, fields, config }: Dialog, name: string): unknown {
  const field = fields[name];
  if (field === undefined) throw new TypeError(`there is no field ${name}`);
  const value = config[name] ?? field.value;
  const other = (neighbour: string): unknown => config[neighbour] ?? fields[neighbour]?.value;
  if (!holds(field.when, other)) return field.value;
  const said = checkField(t, field, value, other);
  if (said !== true) throw fault(field, value, String(said));
  if (isEnvironment(value) && !isFree(field)) throw fault(field, value, unset(t, field, value));
  return value;
}

/** Any text will do, also one that looks like a variable. */
function isFree({ kind }: Field): boolean {
  return kind === 'text' || kind === 'typed' || kind === 'node';
}

/** Node-RED leaves the text as it is where there is no such variable. */
function unset(t: Translate, { label }: Field, value: unknown): string {
  return t('shared.errors.not-set', { label: label === undefined ? '' : t(label), value });
}

function fault({ kind, code, missing }: Field, value: unknown, sentence: string): InputError {
  const isEmpty = String(value).trim() === '' && kind !== 'number' && kind !== 'numbers';
  // Of a number only: an address may hold a password.
  const seen = kind === 'number' ? ` It is ${JSON.stringify(value)}.` : '';
  return new InputError(
    isEmpty && missing !== undefined ? missing : (code ?? 'NUMBER_INVALID'),
    `${sentence}${seen} Correct it in the dialog.`,
  );
}
