import { createHash } from 'node:crypto';
import type { OutcomeError, UpdateEvidence } from '../outcome/outcome';
import { isFields, type Fields } from '../record/fields';
import { stringifyExact } from '../record/json';
import {
  DEAD_LETTER_FORMAT,
  type DeadLetter,
  type LeftOut,
  type ReviewedEndpoint,
  type ReviewedRecord,
  type ReviewEvent,
  type ReviewField,
  type ReviewReason,
  type ReviewSource,
  type ReviewTrace,
} from './dead-letter';

/** An update that has come to be reviewed. */
export interface ArrivedUpdate {
  readonly record: ReviewedRecord;
  readonly source: ReviewSource | undefined;
  readonly endpoint: ReviewedEndpoint | undefined;
  readonly outcome: ReviewReason;
  readonly error: OutcomeError | undefined;
  readonly fields: readonly ReviewField[];
  readonly seenAt: string | undefined;
  readonly changes: Fields | undefined;
  readonly isComputed: boolean;
  readonly isAction: boolean;
  readonly evidence: UpdateEvidence;
  /** Writes of the run that failed. */
  readonly attempts: number;
  readonly message: Fields;
  readonly changesAt: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly trace: ReviewTrace;
}

/** Of the history: the first ones stay, and the latest. */
const FIRST_EVENTS = 2;
const MOST_EVENTS = 20;

const MOST_TEXT = 500;

/**
 * Stands for flow node, record and changes. Changes that count anew each time they are written are the same only where
 * their message is: two parts of the same kind are two parts.
 */
export function idOf({
  source,
  record,
  changes,
  isComputed,
  isAction,
  trace,
}: ArrivedUpdate): string {
  const isOnce = isComputed || isAction || changes === undefined;
  const what = isOnce ? ['message', trace.msgid ?? '', changes ?? null] : changes;
  const text = stringifyExact([source?.node ?? '', record.url ?? record.key ?? '', sorted(what)]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The entry of an update that has come. @param before the entry that there is of it @param now wall clock */
export function arrived(
  update: ArrivedUpdate,
  before: DeadLetter | undefined,
  now: number,
): DeadLetter {
  const { failures = 0, attempts = 0, createdAt = now, history = [], claim } = before ?? {};
  return {
    ...update,
    format: DEAD_LETTER_FORMAT,
    id: idOf(update),
    state: 'open',
    evidence: evidenceOf(update, before),
    failures: failures + 1,
    attempts: attempts + update.attempts,
    createdAt,
    updatedAt: now,
    history: remembered(history, eventOf(update, now)),
    claim,
    settled: undefined,
  };
}

function eventOf({ outcome, attempts, error }: ArrivedUpdate, at: number): ReviewEvent {
  const event = { at, what: 'failed', outcome, attempts } as const;
  return error === undefined ? event : { ...event, text: error.message.slice(0, MOST_TEXT) };
}

function evidenceOf({ evidence }: ArrivedUpdate, before: DeadLetter | undefined): UpdateEvidence {
  if (before === undefined) return evidence;
  // Somebody does it at this moment, and stores the fate of each write.
  return before.claim === undefined ? laterEvidence(evidence, before) : before.evidence;
}

/** A write that is in doubt stays so where nobody has looked at the record since. */
function laterEvidence(now: UpdateEvidence, { state, evidence }: DeadLetter): UpdateEvidence {
  if (state === 'settled' || now.base !== undefined || now.pending !== undefined) return now;
  return { ...evidence, ...now };
}

export function remembered(
  history: readonly ReviewEvent[],
  event: ReviewEvent,
): readonly ReviewEvent[] {
  if (history.length < MOST_EVENTS) return [...history, event];
  const latest = history.slice(FIRST_EVENTS).slice(-(MOST_EVENTS - FIRST_EVENTS - 1));
  return [...history.slice(0, FIRST_EVENTS), ...latest, event];
}

/** The same for the same names and values, in whatever order the names come. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  const names = Object.keys(value).sort();
  return names.map(name => [name, sorted(value[name])]);
}
