import { createFamily } from '../../lib/api/families';
import type { ApiFamily } from '../../lib/api/family';
import type { Answer, Fault } from '../../lib/outcome/answer';
import { classify } from '../../lib/outcome/classify';
import type { Fields } from '../../lib/record/fields';
import { next, type Event } from '../../lib/update/decide';
import type { Moment, Step } from '../../lib/update/steps';
import type { Ending } from '../../lib/update/ending';
import { knownAtFirst, taskOf, type Known, type Task } from '../../lib/update/known';
import { checkRequest, type UpdateRequestInput } from '../../lib/update/request';
import { REST } from './engine';
import { USUAL_UPDATE } from './usual-update';

const FAMILY: ApiFamily = createFamily('rest', { ...REST, cacheHeader: 'X-Cache' });
export const REF = FAMILY.locate('http://127.0.0.1/api', 'work-orders', 'WO-1');

/** What the record holds at first, in version `"v1"`. */
export const VALUES: Fields = { status: 'Open', note: 'n0' };

export const AT: Moment = {
  now: Date.UTC(2026, 1, 8, 10),
  leftMs: 30_000,
  deadlineMs: 30_000,
};

export type TaskPart = Partial<Omit<UpdateRequestInput, 'changes'>> & {
  readonly changes?: Fields;
};

/** An update that sets `status` to Done, where nothing else is said. */
export function taskWith(part: TaskPart = {}, withDiffs = false): Task {
  const input = { ...USUAL_UPDATE, ref: REF, changes: { status: 'Done' }, ...part };
  return taskOf(checkRequest(input, FAMILY), FAMILY, withDiffs);
}

export const BEGUN: Event = { kind: 'begun' };
export const STOPPED: Event = { kind: 'stopped' };
export const GRANTED: Event = { kind: 'waited', permit: 'granted' };
export const USED_UP: Event = { kind: 'waited', permit: 'used-up' };

function answerOf(status: number, json: unknown, headers: Record<string, string> = {}): Answer {
  return { kind: 'answer', status, headers, text: JSON.stringify(json), json, roundTripMs: 1 };
}

/** A read that shows these values in version n. */
export function read(n: number, values: Fields = VALUES, headers = {}): Event {
  const version = `"v${String(n)}"`;
  const { key, url } = REF;
  const snapshot = { key, url, version, values, readAt: '' };
  return { kind: 'read', snapshot, answer: answerOf(200, values, headers), reads: 1 };
}

/** The same, answered by a cache. */
export function cached(n: number, values: Fields = VALUES): Event {
  return read(n, values, { 'x-cache': 'HIT' });
}

export function unread(outcome: Ending['outcome']): Event {
  return { kind: 'unread', ending: { outcome, verified: false }, reads: 1 };
}

/** A write that was answered so. */
export function answered(status: number, json: unknown = {}, headers = {}): Event {
  const answer = answerOf(status, json, headers);
  const api = FAMILY.errorOf(answer);
  const verdict = classify(answer, { method: 'PATCH', precondition: 'version' }, api, FAMILY.rows);
  return written({ kind: 'answered', answer, verdict, api });
}

/** A write without an answer. */
export function unanswered(code: string, sent: Fault['sent'] = 'maybe'): Event {
  return written({ kind: 'fault', sent, code, message: 'No answer came.', fatal: false });
}

function written(result: Extract<Event, { kind: 'written' }>['result']): Event {
  return { kind: 'written', result, sentAt: AT.now, waitedMs: 0, idempotency: undefined };
}

export interface Played {
  readonly known: Known;
  readonly step: Step;
  /** The kinds of all steps, in their order. */
  readonly steps: readonly string[];
}

/** Takes the events in turn, all at one moment, from frozen values. */
export function play(task: Task, events: readonly Event[], at: Moment = AT): Played {
  let known = knownAtFirst(task);
  let step: Step | undefined;
  const steps: string[] = [];
  for (const event of events) {
    ({ known, step } = next(task, frozen(known), event, at));
    steps.push(step.kind);
  }
  if (step === undefined) throw new Error('play at least one event');
  return { known, step, steps };
}

/** The ending that the events lead to. */
export function endOf(task: Task, events: readonly Event[], at: Moment = AT): Ending {
  const { step, steps } = play(task, events, at);
  if (step.kind !== 'end') throw new Error(`no end after ${steps.join(', ')}`);
  return step.ending;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
