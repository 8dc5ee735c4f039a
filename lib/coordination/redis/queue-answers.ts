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
    this.key = boundedUtf8Key(record);
  }

  /** As `CHANGE` takes it. */
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

interface Named extends StoredItem {
  readonly record: string;
}

/** @param flushes of the queue: an item from before the latest is due @param noted deliveries and note, where they are others by now */
function itemOf(key: string, stored: Value, noted: Value, flushes: Value): Named {
  const text = String(stored);
  const head = ITEM.exec(text);
  if (head === null) throw new Error('an item in Redis is not as it was stored');
  const [start, since, dueAt, acceptedAt, deliveries, length] = head;
  const { record, rest } = named(key, text.slice(start.length));
  const end = length === '-' ? 0 : Number(length);
  const own = length === '-' ? undefined : rest.slice(0, end);
  const later = notedOf(noted);
  return {
    record,
    text: rest.slice(end),
    dueAt: since === String(flushes) ? Number(dueAt) : 0,
    acceptedAt: Number(acceptedAt),
    deliveries: later.deliveries ?? Number(deliveries),
    note: later.note ?? own,
  };
}

function notedOf(noted: Value): Partial<Pick<StoredItem, 'deliveries' | 'note'>> {
  if (noted === null) return {};
  const text = String(noted);
  const space = text.indexOf(' ');
  if (space < 0) return { deliveries: Number(text) };
  return { deliveries: Number(text.slice(0, space)), note: text.slice(space + 1) };
}

function named(key: string, text: string): { readonly record: string; readonly rest: string } {
  if (!key.startsWith(HASHED)) return { record: key, rest: text };
  const end = text.indexOf('\n');
  return { record: JSON.parse(text.slice(0, end)) as string, rest: text.slice(end + 1) };
}

function plain({ text, dueAt, acceptedAt, deliveries, note }: Named): StoredItem {
  return { text, dueAt, acceptedAt, deliveries, note };
}

export function slotOf(key: string, answer: readonly Value[]): Slot {
  const [, revision, memory, flushes = '', token, deliveries, item = null, note = null, ...rest] =
    answer;
  const items: StoredItem[] = [];
  for (let i = 0; i < rest.length; i += 2) {
    items.push(plain(itemOf(key, rest[i] ?? null, rest[i + 1] ?? null, flushes)));
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
              ...plain(itemOf(key, item, note, flushes)),
              deliveries: Number(deliveries),
            },
          },
  };
}

/** @param answer kind · now · counts · totals · switches · hold · acceptance of the oldest · when the first is due */
export function stateOf(answer: readonly Value[]): StoreState {
  const now = Number(answer[1]);
  const counts = numbersIn(answer[2]);
  const totals = numbersIn(answer[3]);
  const [, , paused, heldUntil = 0, , , ...recent] = numbersIn(answer[4]);
  const others = TOTALS.map((name, i) => [name, totals[i] ?? 0] as const);
  const counters = Object.fromEntries(others) as unknown as Omit<Counters, 'accepted'>;
  return {
    now,
    waiting: counts[COUNTS.waiting - 1] ?? 0,
    inFlight: counts[COUNTS.running - 1] ?? 0,
    oldestAt: asTime(answer[6]),
    dueAt: asTime(answer[7]),
    counters: { ...counters, accepted: counts[COUNTS.accepted - 1] ?? 0 },
    recent: recentOf(recent, now),
    isPaused: paused === 1,
    hold: asText(answer[5]) ?? '',
    heldUntil,
  };
}

function numbersIn(text: Value | undefined): number[] {
  return String(text).split(' ').map(Number);
}

/** @param answer state · flushes · when there may be more · tickets */
export function takeOf(answer: readonly Value[]): TakeResult {
  const [, , , , , , , , flushes = '', nextAt, tickets] = answer;
  const parts = tickets as readonly Value[];
  const taken: TakenItem[] = [];
  for (let i = 0; i < parts.length; i += PARTS) taken.push(ticketOf(parts.slice(i), flushes));
  return { taken, nextAt: asTime(nextAt), state: stateOf(answer) };
}

const PARTS = 7;

function ticketOf(parts: readonly Value[], flushes: Value): TakenItem {
  const [key, item = null, note = null, token, fence, expiresAt, deliveries] = parts;
  return {
    ...itemOf(String(key), item, note, flushes),
    token: String(token),
    fence: Number(fence),
    expiresAt: Number(expiresAt),
    deliveries: Number(deliveries),
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

/** @param parts minute · settled · conflicts, again and again */
function recentOf(parts: readonly number[], now: number): StoreState['recent'] {
  const sum = { settled: 0, conflicts: 0 };
  const oldest = Math.floor(now / MINUTE_MS) - RECENT_MINUTES;
  for (let i = 0; i + 3 <= parts.length; i += 3) {
    const [minute = 0, settled = 0, conflicts = 0] = parts.slice(i, i + 3);
    if (minute <= oldest) continue;
    sum.settled += settled;
    sum.conflicts += conflicts;
  }
  return sum;
}
