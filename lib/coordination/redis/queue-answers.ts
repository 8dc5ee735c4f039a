import { boundedUtf8Key, HASHED } from '../bounded-key';
import { RECENT_MINUTES } from '../../retry/conflict-rate';
import {
  type Counters,
  type Slot,
  type StoredItem,
  type StoreState,
  type TakenItem,
  type TakeResult,
} from '../queue/queue-store';
import { COUNTS, TOTALS } from './queue-lua';

/** What the scripts answer: see there. Whole numbers may come as text. */
export type Value = string | number | null | readonly Value[];

const MINUTE_MS = 60_000;

/** How a record and its items are stored: one whose name is too long, or is no UTF-8, by its hash, its name in the text. */
export class Stored {
  readonly key: string;

  constructor(private readonly record: string) {
    this.key = keyIn(record) ?? boundedUtf8Key(record);
  }

  /** As `STEP` takes it. */
  item({ text, dueAt, acceptedAt, deliveries, note }: StoredItem): string {
    const name = this.key === this.record ? '' : `${JSON.stringify(this.record)}\n`;
    const length = note === undefined ? '-' : note.length;
    return `${whole(dueAt)} ${whole(acceptedAt)} ${deliveries} ${length} ${name}${note ?? ''}${text}`;
  }
}

/** Whole milliseconds, never less than was asked for. */
export function whole(ms: number): number {
  return Math.min(Math.max(0, Math.ceil(ms)), Number.MAX_SAFE_INTEGER);
}

const ITEM = /^(\d+) (\d+) (\d+) (\d+) (-|\d+) /;

interface Named {
  readonly record: string;
  readonly item: StoredItem;
}

/** @param flushes of the queue: an item from before the latest is due @param noted deliveries and note, where they are others by now */
function itemOf(key: string, stored: Value, noted: Value, flushes: Value): Named {
  const text = String(stored ?? '');
  const head = ITEM.exec(text);
  if (head === null) return unread(key, text, notedOf(noted));
  const [start, since, dueAt, acceptedAt, deliveries, length] = head;
  const { record, rest } = named(key, text.slice(start.length));
  const end = length === '-' ? 0 : Number(length);
  const own = length === '-' ? undefined : rest.slice(0, end);
  const later = notedOf(noted);
  const item = {
    text: end === 0 ? rest : rest.slice(end),
    dueAt: since === String(flushes) ? Number(dueAt) : 0,
    acceptedAt: Number(acceptedAt),
    deliveries: later?.deliveries ?? Number(deliveries),
    note: later?.note ?? own,
  };
  return { record, item };
}

/** Somebody else has changed it, or taken it away: the whole of it is told. */
function unread(key: string, text: string, later: ReturnType<typeof notedOf>): Named {
  const item = { text, dueAt: 0, acceptedAt: 0, deliveries: 0, note: undefined, ...later };
  return { record: key.startsWith(HASHED) ? unnamed(key) : key, item };
}

/** What stands for the name of a record that cannot be read, and what that is stored by. */
const UNNAMED = ' (its name cannot be read)';
const unnamed = (key: string): string => key + UNNAMED;

function keyIn(record: string): string | undefined {
  if (!record.startsWith(HASHED) || !record.endsWith(UNNAMED)) return undefined;
  return record.slice(0, -UNNAMED.length);
}

function notedOf(noted: Value): Partial<Pick<StoredItem, 'deliveries' | 'note'>> | undefined {
  if (noted === null) return undefined;
  const text = String(noted);
  const space = text.indexOf(' ');
  const deliveries = Number(space < 0 ? text : text.slice(0, space));
  // What else it says of a write nobody knows.
  if (!Number.isSafeInteger(deliveries)) return { note: text };
  return space < 0 ? { deliveries } : { deliveries, note: text.slice(space + 1) };
}

function named(key: string, text: string): { readonly record: string; readonly rest: string } {
  if (!key.startsWith(HASHED)) return { record: key, rest: text };
  const end = text.indexOf('\n');
  const record = parsedName(text.slice(0, Math.max(0, end)));
  if (record === undefined) return { record: unnamed(key), rest: text };
  return { record, rest: text.slice(end + 1) };
}

function parsedName(text: string): string | undefined {
  try {
    const name: unknown = JSON.parse(text);
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

export function slotOf(key: string, answer: readonly Value[]): Slot {
  const [, revision, memory, flushes = '', token, deliveries, item = null, note = null, ...rest] =
    answer;
  const items: StoredItem[] = [];
  for (let i = 0; i < rest.length; i += 2) {
    items.push(itemOf(key, rest[i] ?? null, rest[i + 1] ?? null, flushes).item);
  }
  const run = asText(token);
  return {
    revision: Number(revision),
    items,
    memory: asText(memory),
    run:
      run === undefined
        ? undefined
        : {
            token: run,
            item: {
              ...itemOf(key, item, note, flushes).item,
              deliveries: Number(deliveries),
            },
          },
  };
}

/** Reads the states of one queue: most of what they say is what the one before said. */
export class StateReader {
  private readonly totals = new LastNumbers();
  private readonly switches = new LastNumbers();

  /** @param text lines: now · counts · totals · switches · acceptance of the oldest · when the first is due · hold */
  read(text: Value | undefined): StoreState {
    const [time, counted, total, switched, oldest, due, ...hold] = String(text).split('\n');
    const now = Number(time);
    const counts = numbersIn(counted);
    const switches = this.switches.in(switched);
    return {
      now,
      waiting: counts[COUNTS.waiting - 1] ?? 0,
      inFlight: counts[COUNTS.running - 1] ?? 0,
      oldestAt: asTime(oldest),
      dueAt: asTime(due),
      counters: countersOf(counts[COUNTS.accepted - 1] ?? 0, this.totals.in(total)),
      recent: recentOf(switches, now),
      isPaused: switches[PAUSED] === 1,
      hold: hold.join('\n'),
      heldUntil: switches[HELD_UNTIL] ?? 0,
    };
  }
}

/** Where they stand among the switches, and where the last minutes begin. */
const [PAUSED, HELD_UNTIL, RECENT] = [2, 3, 6] as const;

class LastNumbers {
  private text: string | undefined;
  private numbers: readonly number[] = [];

  in(text: string | undefined): readonly number[] {
    if (text !== this.text) {
      this.text = text;
      this.numbers = numbersIn(text);
    }
    return this.numbers;
  }
}

function countersOf(accepted: number, totals: readonly number[]): Counters {
  const counters: Record<keyof Counters, number> = { ...NO_COUNTERS, accepted };
  for (const [i, name] of TOTALS.entries()) counters[name] = totals[i] ?? 0;
  return counters;
}

const NO_COUNTERS: Counters = {
  accepted: 0,
  merged: 0,
  superseded: 0,
  done: 0,
  again: 0,
  givenUp: 0,
  settled: 0,
  conflicts: 0,
};

function numbersIn(text: Value | undefined): number[] {
  return String(text).split(' ').map(Number);
}

/** @param answer when there may be more · flushes · tickets */
export function takenOf([nextAt, flushes = '', tickets]: readonly Value[]): Pick<
  TakeResult,
  'taken' | 'nextAt'
> {
  const parts = tickets as readonly Value[];
  const taken: TakenItem[] = [];
  for (let at = 0; at < parts.length; at += PARTS) taken.push(ticketOf(parts, at, flushes));
  return { taken, nextAt: asTime(nextAt) };
}

const PARTS = 7;

/** Written out: every update comes by here, and spreads cost a visible share of it. */
function ticketOf(parts: readonly Value[], at: number, flushes: Value): TakenItem {
  const key = String(parts[at]);
  const { record, item } = itemOf(key, parts[at + 1] ?? null, parts[at + 2] ?? null, flushes);
  return {
    record,
    text: item.text,
    dueAt: item.dueAt,
    acceptedAt: item.acceptedAt,
    note: item.note,
    token: String(parts[at + 3]),
    fence: Number(parts[at + 4]),
    expiresAt: Number(parts[at + 5]),
    deliveries: Number(parts[at + 6]),
  };
}

/** @param answer keys and the first item of each */
export function recordsOf(answer: readonly Value[]): string[] {
  const records: string[] = [];
  for (let i = 0; i < answer.length; i += 2) {
    records.push(itemOf(String(answer[i]), answer[i + 1] ?? null, null, '').record);
  }
  return records;
}

function asText(value: Value | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function asTime(value: Value | undefined): number | undefined {
  return value === '' || value === undefined ? undefined : Number(value);
}

/** @param switches with minute · settled · conflicts at their end, again and again */
function recentOf(switches: readonly number[], now: number): StoreState['recent'] {
  const sum = { settled: 0, conflicts: 0 };
  const oldest = Math.floor(now / MINUTE_MS) - RECENT_MINUTES;
  for (let i = RECENT; i + 3 <= switches.length; i += 3) {
    const [minute = 0, settled = 0, conflicts = 0] = switches.slice(i, i + 3);
    if (minute <= oldest) continue;
    sum.settled += settled;
    sum.conflicts += conflicts;
  }
  return sum;
}
