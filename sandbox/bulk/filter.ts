import { GUID } from '../records/field-types';
import type { Field, Fields, Schema } from '../records/field-types';

/** Whether a record is meant. */
export type Filter = (values: Fields) => boolean;

/** How one service reads `$filter`. */
export interface FilterRules {
  readonly schema: Schema;
  /** `in` and bare GUIDs are of V4. */
  readonly version: 'V2' | 'V4';
  /** Whether texts are compared without regard to case, as Microsoft's databases do. */
  readonly foldsCase: boolean;
  /** Whether it knows the query functions of Dataverse, of which here is `In`. */
  readonly hasCrmFunctions?: boolean;
}

/** Why a text is no filter. */
class BadFilter extends Error {}

const TOKEN = /\s*(?:(\w*'(?:[^']|'')*')|([(),])|([^\s(),']+))/y;
const DEEPEST = 100;
const CRM_IN = 'Microsoft.Dynamics.CRM.In';

/**
 * Reads `eq`, `ne`, `in`, `and`, `or` and parentheses (OData URL Conventions 5.1.1) with the types of
 * the schema; the reason, when it cannot be served.
 */
export function parseFilter(
  text: string,
  rules: FilterRules,
): Filter | { readonly problem: string } {
  try {
    return new Parser(tokensOf(text), rules).whole();
  } catch (error) {
    if (error instanceof BadFilter) return { problem: error.message };
    throw error;
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new BadFilter(`Syntax error at position ${String(at)} in '${text}'.`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

class Parser {
  private place = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly rules: FilterRules,
  ) {}

  whole(): Filter {
    const filter = this.either();
    if (this.place < this.tokens.length) throw this.unexpected();
    return filter;
  }

  private either(): Filter {
    const filters = [this.both()];
    while (this.takes('or')) filters.push(this.both());
    return values => filters.some(filter => filter(values));
  }

  private both(): Filter {
    const filters = [this.single()];
    while (this.takes('and')) filters.push(this.single());
    return values => filters.every(filter => filter(values));
  }

  private single(): Filter {
    if (!this.takes('(')) return this.comparison();
    this.depth += 1;
    if (this.depth > DEEPEST) throw new BadFilter('The filter is nested too deeply.');
    const filter = this.either();
    this.depth -= 1;
    this.expect(')');
    return filter;
  }

  private comparison(): Filter {
    const { version, hasCrmFunctions } = this.rules;
    const name = this.next();
    if (hasCrmFunctions === true && name === CRM_IN) return this.crmIn();
    const field = this.fieldNamed(name);
    if (version === 'V4' && this.takes('in')) return this.among(name, field);
    const isNot = !this.takes('eq');
    if (isNot) this.expect('ne');
    const equal = this.equals(name, field);
    return isNot ? values => !equal(values) : equal;
  }

  private among(name: string, field: Field): Filter {
    this.expect('(');
    const filters = [this.equals(name, field)];
    while (this.takes(',')) filters.push(this.equals(name, field));
    this.expect(')');
    return values => filters.some(filter => filter(values));
  }

  private fieldNamed(name: string): Field {
    const { schema } = this.rules;
    const field = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (field === undefined) throw new BadFilter(`Could not find a property named '${name}'.`);
    return field;
  }

  /** `In(PropertyName='…',PropertyValues=['…','…'])`, where values of every type are texts. */
  private crmIn(): Filter {
    this.expect('(');
    this.expect('PropertyName=');
    const name = this.quoted();
    this.fieldNamed(name);
    this.expect(',');
    this.expect('PropertyValues=[');
    const wanted = new Set([this.quoted().toLowerCase()]);
    while (this.takes(',')) wanted.add(this.quoted().toLowerCase());
    this.expect(']');
    this.expect(')');
    return ({ [name]: value }) => {
      const isPlain = typeof value === 'string' || typeof value === 'number';
      return isPlain && wanted.has(String(value).toLowerCase());
    };
  }

  private quoted(): string {
    const [, text] = /^'(.*)'$/s.exec(this.next()) ?? [];
    if (text === undefined) throw new BadFilter(`${CRM_IN} takes texts in quotes.`);
    return text.replaceAll("''", "'");
  }

  private equals(name: string, field: Field): Filter {
    const wanted = this.comparable(literalOf(this.next(), field, this.rules), field);
    return values => this.comparable(values[name] ?? null, field) === wanted;
  }

  private comparable(value: unknown, { type }: Field): unknown {
    if (typeof value !== 'string') return value;
    if (type === 'date-time') return Date.parse(value);
    return this.rules.foldsCase ? value.toLowerCase() : value;
  }

  private takes(token: string): boolean {
    const isThere = this.tokens[this.place] === token;
    if (isThere) this.place += 1;
    return isThere;
  }

  private expect(token: string): void {
    if (!this.takes(token)) throw this.unexpected();
  }

  private next(): string {
    const token = this.tokens[this.place];
    if (token === undefined) throw this.unexpected();
    this.place += 1;
    return token;
  }

  private unexpected(): BadFilter {
    const token = this.tokens[this.place];
    return new BadFilter(
      `Syntax error in the filter at ${token === undefined ? 'its end' : `'${token}'`}.`,
    );
  }
}

/** The value that a literal stands for, which must be of the type of the field. */
function literalOf(token: string, field: Field, { version }: FilterRules): unknown {
  if (token === 'null') return null;
  const [, prefix, quoted] = /^(\w*)'(.*)'$/s.exec(token) ?? [];
  const text = quoted?.replaceAll("''", "'");
  const value =
    text === undefined
      ? bareLiteral(token, field, version)
      : quotedLiteral(prefix ?? '', text, field);
  if (value === undefined) {
    throw new BadFilter(`The literal ${token} is not of the type '${field.type}'.`);
  }
  return value;
}

function bareLiteral(token: string, field: Field, version: FilterRules['version']): unknown {
  switch (field.type) {
    case 'integer':
    case 'decimal':
      return numberIn(token);
    case 'option':
      return typeof field.options[0] === 'number' ? numberIn(token) : undefined;
    default:
      return version === 'V4' && isBare(token, field) ? bareText(token, field) : undefined;
  }
}

/** With or without one of the type suffixes of V2. */
function numberIn(token: string): number | undefined {
  return /^-?\d+(?:\.\d+)?[mdfl]?$/i.test(token) ? Number.parseFloat(token) : undefined;
}

/** GUIDs are kept in lower case. */
function bareText(token: string, { type }: Field): string {
  return type === 'guid' ? token.toLowerCase() : token;
}

/** What OData V4 writes without quotes, besides numbers. */
function isBare(token: string, { type }: Field): boolean {
  if (type === 'guid') return GUID.test(token);
  if (type === 'date') return /^\d{4}-\d\d-\d\d$/.test(token);
  return type === 'date-time' && !Number.isNaN(Date.parse(token));
}

/** `'text'`, and in V2 `guid'…'` and `datetime'…'`. */
function quotedLiteral(prefix: string, text: string, field: Field): unknown {
  const isText =
    field.type === 'text' || (field.type === 'option' && typeof field.options[0] === 'string');
  if (prefix === '') return isText ? text : undefined;
  if (prefix === 'guid') return field.type === 'guid' ? text.toLowerCase() : undefined;
  if (prefix === 'datetime') return field.type === 'date' ? text.slice(0, 10) : undefined;
  return undefined;
}
