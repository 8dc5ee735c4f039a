import type { BulkSettings } from '../bulk/settings';
import { Desk } from '../people/interference';
import type { Interference, OperatorRules } from '../people/interference';
import { Terminals } from '../people/terminals';
import type { TerminalRules } from '../people/terminals';
import type { Fields, Schema } from './field-types';
import type { By, Journal } from './journal';
import { RecordStore } from './store';
import type { Follow, Row, Versioning } from './store';

/** What the records of one kind share with the rest of the sandbox. */
export interface Surroundings {
  readonly journal: Journal;
  readonly seed: number;
  readonly interference: Interference;
  readonly bulk: Readonly<BulkSettings>;
}

/** What makes one kind of record. */
export interface RecordKindRules {
  readonly schema: Schema;
  /** What a new record holds where nothing else is given. */
  readonly defaults: Fields;
  readonly versioning: Versioning;
  /** Default: operators may do whatever the field types allow. */
  readonly operators?: OperatorRules;
  /** Default: there are none, nobody opens a record. */
  readonly terminals?: TerminalRules;
  /** Default: the server sets no further fields. */
  readonly follow?: Follow;
}

const ANYTHING: OperatorRules = { choices: () => undefined };

/** The records of one kind, together with the people and jobs that change them too. */
export class RecordSet {
  readonly store: RecordStore;
  private readonly interference: Interference;
  private readonly desk: Desk;
  private readonly terminals: Terminals | undefined;
  private readonly blank: Fields;
  private readonly writable: readonly string[];

  constructor(
    { schema, defaults, versioning, operators = ANYTHING, terminals, follow }: RecordKindRules,
    { journal, seed, interference }: Surroundings,
  ) {
    this.store = new RecordStore(versioning, journal, seed, follow);
    this.terminals = terminals && new Terminals(terminals, this.store);
    this.interference = interference;
    this.desk = new Desk(schema, operators);
    const names = Object.keys(schema);
    this.blank = { ...nulls(names), ...defaults };
    this.writable = names.filter(name => schema[name]?.readOnly !== true);
  }

  /** Adds a record, or replaces the one with this id; `key` are the fields that hold its id. */
  create(id: string, fields: Fields, key: Fields, by: By): Row {
    return this.store.create(id, { ...this.blank, ...fields, ...key }, by);
  }

  /** Lets operators open the record or close it. Called once per read, before it is answered. */
  visit(row: Row): void {
    this.terminals?.read(row, this.interference.load.open ?? 0);
  }

  /** Lets the others at the record. Called once per write attempt, before its precondition is checked. */
  disturb(row: Row, changes: Fields): void {
    // What a change set has written is locked until it ends.
    if (!this.store.isHeld(row)) this.interference.disturb(this.store, row, changes, this.desk);
  }

  /** What a PUT of these fields writes: it resets everything that it leaves out. */
  whole(fields: Fields): Fields {
    return { ...nulls(this.writable), ...fields };
  }
}

/** The fields that differ from what the record holds: all that the writer of a whole record wants to change. */
export function differing(row: Row, fields: Fields): Fields {
  const isOther = ([name, value]: [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(row.values[name]);
  return Object.fromEntries(Object.entries(fields).filter(isOther));
}

function nulls(names: readonly string[]): Fields {
  return Object.fromEntries(names.map(name => [name, null]));
}
