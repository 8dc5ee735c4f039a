/** What an API says about the records that it holds: names and types, and never a value. */

/**
 * Whether an API says of a record set that it compares versions. `not-announced`: it says nothing, and may compare them
 * all the same; only a write proves it.
 */
export type Announced = 'announced' | 'off' | 'not-announced';

export interface RecordSet {
  /** As it stands in an address. */
  readonly name: string;
  /** Qualified name of the entity type; of Dataverse, the logical name of the table. */
  readonly type: string;
  /** Fields of the key, in their order; empty: not known. */
  readonly keys: readonly string[];
  readonly protection: Announced;
  /** As people call it. */
  readonly label?: string;
}

/** How values of a field are compared: what the table "Compare as" offers, as far as an API tells. */
export type ComparedAs = 'decimal' | 'integer' | 'date' | 'date-time' | 'guid';

export interface RecordField {
  /** As it is read. */
  readonly name: string;
  /** As the API names it, such as `Edm.Decimal`. */
  readonly type: string;
  readonly isKey: boolean;
  /** The API says that it takes no writes. */
  readonly isReadOnly: boolean;
  /** Absent: exactly, as text, true and false, and objects are. */
  readonly comparedAs?: ComparedAs;
  /** What it may hold, where the API tells. */
  readonly states?: readonly StateOption[];
  readonly label?: string;
}

/** A value that a field may hold. */
export interface StateOption {
  readonly value: string | number;
  readonly label?: string;
}

/** Why an answer is no description. */
export type NoDescription =
  /** A page for people, mostly that of a sign-in. */
  | 'page'
  /** It ends in the middle. */
  | 'cut'
  /** Neither what was asked for nor a page. */
  | 'unreadable'
  /** Of OData V2 or V3 where V4 is spoken, or the other way round. */
  | 'other-version'
  /** It lists no record set, or no field. */
  | 'empty';

/** A list, and whether more was to come. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  /** The API has sent a part only. */
  readonly isPart: boolean;
}

/** The same record set or field is listed once, in the order of its name. */
export function sortedByName<Item extends { readonly name: string }>(
  items: readonly Item[],
): Item[] {
  const byName = new Map(items.map(item => [item.name, item]));
  return [...byName.values()].sort((a, b) => COLLATOR.compare(a.name, b.name));
}

const COLLATOR = new Intl.Collator('en', { numeric: true });
