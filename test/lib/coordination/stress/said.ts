import { writeSync } from 'node:fs';
import type { TicketEnding } from '../../../../lib/coordination/queue/queue';

/** Queues that each process opens, by what becomes of updates that wait (`QueueMode`). */
export type QueueName = 'merge' | 'newest';

/** Of the fields that an update sets, each to its number. */
export const FIELDS = ['a', 'b', 'c'] as const;
export type Field = (typeof FIELDS)[number];

/** An update on its way in. Its number is its own over all processes. */
export interface Tried {
  readonly say: 'try';
  readonly n: number;
  readonly queue: QueueName;
  readonly record: string;
  /** Empty: it adds one to the record's count. */
  readonly fields: readonly Field[];
  /** When it happened, milliseconds; no two are the same. */
  readonly at: number;
}

/** What a process does, told before or right after it has done it. */
export type Said =
  | Tried
  /** Accepted. `superseded`: numbers of the updates that left because of it. */
  | {
      readonly say: 'put';
      readonly n: number;
      readonly isDurable: boolean;
      readonly superseded: readonly number[];
    }
  /** It came too late: all of its fields have newer values. */
  | { readonly say: 'late'; readonly n: number }
  /** It may have been accepted or not. */
  | { readonly say: 'unknown'; readonly n: number }
  /** It left as superseded when another one came back. */
  | { readonly say: 'left'; readonly n: number }
  /** Will be settled so; `numbers`: the updates whose values it wrote. */
  | {
      readonly say: 'ends';
      readonly n: number;
      readonly numbers: readonly number[];
      readonly as: TicketEnding['kind'];
    }
  | { readonly say: 'ended'; readonly n: number }
  /** It held a lock for a while. */
  | { readonly say: 'held' }
  /** That works: it was asked. */
  | { readonly say: 'works'; readonly what: QueueName | 'locks' }
  | { readonly say: 'stats'; readonly queue: QueueName; readonly stats: Counted }
  /** Nothing more comes in: it was told so. */
  | { readonly say: 'quiet' }
  | { readonly say: 'closed' }
  /** What must not happen. */
  | { readonly say: 'fault'; readonly what: string };

/** Of `QueueStats`. */
export interface Counted {
  readonly waiting: number;
  readonly inFlight: number;
  readonly accepted: number;
  readonly merged: number;
  readonly superseded: number;
  readonly done: number;
  readonly givenUp: number;
}

/** Out at once: what was said is said when the process is killed. */
export function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`);
}
