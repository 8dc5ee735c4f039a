import { draw } from '../random';
import type { Fields } from '../records/field-types';
import type { RecordStore, Row } from '../records/store';

/** What it means, for one kind of record, that an operator has it open in a terminal. */
export interface TerminalRules {
  opened(operator: string, at: string): Fields;
  readonly closed: Fields;
  /** What the operator changes before closing; undefined: there is nothing to change. `random` is in [0, 1). */
  change(values: Fields, random: number): Fields | undefined;
}

/** Nobody keeps a record open for longer. */
export const LONGEST_OPEN_MS = 3000;
/** Reads that still find the record open, the one that did so first not counted. */
const READS = { least: 1, more: 2 } as const;
/** Share of the operators who change the record before they close it. */
const CHANGED_SHARE = 0.3;
const OPERATORS = 40;
const STREAM = { opens: 3, who: 4, reads: 5, changes: 6, value: 7 } as const;

/** A record that an operator has open. */
interface Open {
  readonly since: number;
  readsLeft: number;
}

/**
 * Operators who open records of one kind, look at them for a while and close them. They do so when
 * the record is read: whether, for how many reads and with what change depends on nothing but the
 * seed, the record and its count of reads. Only the first read after `LONGEST_OPEN_MS` closes it in
 * any case.
 */
export class Terminals {
  private readonly open = new WeakMap<Row, Open>();

  constructor(
    private readonly rules: TerminalRules,
    private readonly store: RecordStore,
  ) {}

  /** Called once per read, before it is answered. `share` of the reads find that an operator just came. */
  read(row: Row, share: number): void {
    row.visits += 1;
    const open = this.open.get(row);
    if (open !== undefined) this.look(row, open);
    else if (share > 0 && this.random(row, 'opens') < share) this.sitDown(row);
  }

  private sitDown(row: Row): void {
    const since = Date.now();
    const readsLeft = READS.least + Math.floor(this.random(row, 'reads') * (READS.more + 1));
    const number = 1 + Math.floor(this.random(row, 'who') * OPERATORS);
    const operator = `OP-${String(number).padStart(2, '0')}`;
    this.open.set(row, { since, readsLeft });
    this.store.update(row, this.rules.opened(operator, new Date(since).toISOString()), 'operator');
  }

  private look(row: Row, open: Open): void {
    if (open.readsLeft > 0 && Date.now() - open.since < LONGEST_OPEN_MS) {
      open.readsLeft -= 1;
      return;
    }
    const changed =
      this.random(row, 'changes') < CHANGED_SHARE
        ? this.rules.change(row.values, this.random(row, 'value'))
        : undefined;
    this.open.delete(row);
    this.store.update(row, { ...changed, ...this.rules.closed }, 'operator');
  }

  private random({ hash, visits }: Row, about: keyof typeof STREAM): number {
    return draw(hash, visits, STREAM[about]);
  }
}
