import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Row } from '../records/store';

/**
 * Somebody who always comes between the read and the write of one record, whatever load and seed:
 * what a demonstration needs, and the rates of a load cannot promise.
 */
export interface Encounter {
  /** Id of the record, for example the GUID of a sales order. */
  readonly record: string;
  /** A background job meets writes that leave its field alone, an operator those that name it. */
  readonly by: 'background' | 'operator';
  /** The only field he changes. */
  readonly field: string;
  /**
   * What he sets: the first that neither is in the record nor comes with the write. At least three,
   * so that there is always one.
   */
  readonly values: readonly [Value, Value, Value, ...Value[]];
  /** How many writes he meets. Default: every one. */
  readonly times?: number;
}

type Value = string | number;

/** What somebody does to a record just before a write. */
export interface Met {
  readonly fields: Fields;
  readonly by: By;
}

interface Expected {
  readonly encounter: Encounter;
  left: number;
}

/** The encounters that were asked for. */
export class Encounters {
  private readonly expected: readonly Expected[];

  constructor(encounters: readonly Encounter[]) {
    this.expected = encounters.map(encounter => ({ encounter, left: encounter.times ?? Infinity }));
  }

  /** Throws unless there is such a record with such a field. */
  check(find: (id: string) => Row | undefined): void {
    for (const { encounter } of this.expected) {
      const { record, field } = encounter;
      const row = find(record);
      if (row === undefined) throw new Error(`encounters: there is no record '${record}'`);
      if (!(field in row.values)) {
        throw new Error(`encounters: record '${record}' has no field '${field}'`);
      }
    }
  }

  /** What a write meets; counts it. Undefined: nobody. */
  meet(row: Row, changes: Fields): Met | undefined {
    for (const expected of this.expected) {
      const met = expected.left > 0 ? change(expected.encounter, row, changes) : undefined;
      if (met === undefined) continue;
      expected.left -= 1;
      return met;
    }
    return undefined;
  }
}

function change(
  { record, by, field, values }: Encounter,
  row: Row,
  changes: Fields,
): Met | undefined {
  if (row.id !== record || field in changes !== (by === 'operator')) return undefined;
  const taken = [row.values[field], changes[field]];
  const value = values.find(candidate => !taken.includes(candidate));
  return value === undefined ? undefined : { fields: { [field]: value }, by };
}
