import { draw, pick } from '../random';
import { otherValue } from '../records/field-types';
import type { Fields, Schema } from '../records/field-types';
import type { RecordStore, Row } from '../records/store';
import type { Encounters } from './encounters';

/** How often somebody else is at a record. */
export interface LoadRates {
  /** Share of attempts, 0 to 1, before which a background job changes a field the write does not name. */
  readonly noise: number;
  /** Share of attempts, 0 to 1, before which an operator changes a field the write names. */
  readonly target: number;
  /** Share of reads, 0 to 1, before which an operator opens the record in a terminal. Default 0. */
  readonly open?: number;
}

/** The rates seen in the field, by time of day. */
export const LOADS = {
  quiet: { noise: 0, target: 0 },
  'off-peak': { noise: 0.028, target: 0.002 },
  peak: { noise: 0.14, target: 0.01 },
  'shift-change': { noise: 0.18, target: 0.02, open: 0.03 },
} as const satisfies Record<string, LoadRates>;

export type LoadName = keyof typeof LOADS;
export type Load = LoadName | LoadRates;

/** Throws when the load is neither a known name nor rates between 0 and 1. */
export function ratesOf(load: unknown): LoadRates {
  const rates: unknown = typeof load === 'string' ? LOADS[load as LoadName] : load;
  if (!isRates(rates)) {
    throw new Error(
      `load: use ${Object.keys(LOADS).join(', ')} or {noise, target, open}, each 0 to 1; open may be left out`,
    );
  }
  const { noise, target, open } = rates;
  return open === undefined ? { noise, target } : { noise, target, open };
}

function isRates(value: unknown): value is LoadRates {
  if (typeof value !== 'object' || value === null) return false;
  const { noise, target, open = 0 } = value as Partial<LoadRates>;
  return isShare(noise) && isShare(target) && noise + target <= 1 && isShare(open);
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** What an operator may do to a record, where the field types alone do not say it. */
export interface OperatorRules {
  /** The values an operator may give the field; undefined: any its type accepts. */
  choices(name: string, values: Fields): readonly string[] | undefined;
}

const STREAM = { who: 0, field: 1, value: 2 } as const;

/** The other people and jobs that use the system. */
export class Interference {
  constructor(
    private rates: LoadRates,
    private readonly encounters: Encounters,
  ) {}

  get load(): LoadRates {
    return this.rates;
  }

  setLoad(load: Load): void {
    this.rates = ratesOf(load);
  }

  /** Called once per write attempt, just before its precondition is checked. */
  disturb(store: RecordStore, row: Row, changes: Fields, desk: Desk): void {
    const turn = row.attempts;
    row.attempts += 1;
    const met = this.encounters.meet(row, changes);
    if (met !== undefined) {
      store.update(row, met.fields, met.by);
      return;
    }
    const { noise, target } = this.rates;
    if (noise + target === 0) return;
    const who = draw(row.hash, turn, STREAM.who);
    if (who >= noise + target) return;
    const touched = who < target ? desk.operatorChange(row, changes, turn) : undefined;
    if (touched !== undefined) store.update(row, touched, 'operator');
    else store.update(row, desk.backgroundChange(row, changes, turn), 'background');
  }
}

/** Makes up the changes that other people and jobs do to one kind of record. */
export class Desk {
  private readonly backgroundFields: readonly string[];

  constructor(
    private readonly schema: Schema,
    private readonly rules: OperatorRules,
  ) {
    this.backgroundFields = Object.keys(schema).filter(name => schema[name]?.background === true);
  }

  /**
   * Another value for one field the write names, different from what it holds and from what the
   * write wants; undefined when no named field has one.
   */
  operatorChange(row: Row, changes: Fields, turn: number): Fields | undefined {
    const names = Object.keys(changes);
    const start = Math.floor(draw(row.hash, turn, STREAM.field) * names.length);
    for (const name of [...names.slice(start), ...names.slice(0, start)]) {
      const taken = [row.values[name], changes[name]];
      const value = this.other(name, row.values, taken, draw(row.hash, turn, STREAM.value));
      if (value !== undefined) return { [name]: value };
    }
    return undefined;
  }

  /** A new value for a field the write does not name; no field at all when it names every one. */
  backgroundChange(row: Row, changes: Fields, turn: number): Fields {
    const free = this.backgroundFields.filter(name => !(name in changes));
    const name = pick(free, draw(row.hash, turn, STREAM.field));
    if (name === undefined) return {};
    const random = draw(row.hash, turn, STREAM.value);
    return { [name]: this.other(name, row.values, [row.values[name]], random) };
  }

  private other(
    name: string,
    values: Fields,
    taken: readonly unknown[],
    random: number,
  ): string | number | undefined {
    const field = this.schema[name];
    if (field === undefined || field.readOnly === true) return undefined;
    const options = this.rules.choices(name, values);
    return otherValue(options === undefined ? field : { type: 'option', options }, taken, random);
  }
}
