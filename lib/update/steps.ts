import type { WritePlan } from '../api/family';
import type { IdempotencyKey } from '../outcome/outcome';
import type { Fields } from '../record/fields';
import type { Snapshot } from '../record/snapshot';
import { isInDoubt, versionInDoubt, type OpenWrite } from './doubt';
import { failed, whileInDoubt, type Ending } from './ending';
import {
  fieldsToRead,
  isForced,
  isToCompute,
  missing,
  present,
  type Awaiting,
  type Known,
  type Task,
} from './known';
import type { Wait } from './patience';
import type { Computation, ConflictView, Decide } from './request';
import type { InputError, StopError } from '../errors';
import { endOfTransition } from './transition';

/** What the shell is to do. */
export type Step =
  /** Read these fields, undefined: all. `patiently`: also once the API has throttled it. */
  | {
      readonly kind: 'read';
      readonly fields: readonly string[] | undefined;
      readonly patiently: boolean;
    }
  /** Write this plan. The key is that of the write before, in case this is the same request. */
  | {
      readonly kind: 'write';
      readonly plan: WritePlan;
      readonly idempotency: IdempotencyKey | undefined;
    }
  | { readonly kind: 'wait'; readonly wait: Wait }
  | { readonly kind: 'ask'; readonly decide: Decide; readonly view: ConflictView }
  /** Compute the changes for this record. */
  | { readonly kind: 'compute'; readonly computation: Computation; readonly record: Snapshot }
  | { readonly kind: 'end'; readonly ending: Ending }
  | { readonly kind: 'stop'; readonly code: StopError['code']; readonly message: string }
  /** A fault of the flow, found before any write left that could be in doubt. */
  | { readonly kind: 'fail'; readonly error: InputError };

export interface Next {
  readonly known: Known;
  readonly step: Step;
}

/** When an event came. */
export interface Moment {
  /** Wall clock, milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that are left for the update, of how many. */
  readonly leftMs: number;
  readonly deadlineMs: number;
}

/** The end of an update. The only one, so that no write in doubt is passed over. */
export function end(known: Known, ending: Ending): Next {
  const final = isInDoubt(known.open) ? whileInDoubt(ending) : ending;
  return { known, step: { kind: 'end', ending: final } };
}

/** Nobody waits for an outcome any more: all that counts is whether a write is in doubt. */
export function stop({ request }: Task, { open, attempts, targets }: Known): Step {
  const sent = versionInDoubt(open) ?? attempts.at(-1)?.versionSent ?? 'none';
  const fields = targets.map(({ name }) => name).join(', ');
  const detail = `record ${JSON.stringify(request.ref.key)}, version sent ${sent}, fields ${fields}`;
  if (!isInDoubt(open)) {
    const message = `The flow was stopped before the update was written (${detail}).`;
    return { kind: 'stop', code: 'STOPPED', message };
  }
  const message = `The flow was stopped before the fate of a write was known (${detail}). Look at the record before sending the update again.`;
  return { kind: 'stop', code: 'UPDATE_UNCERTAIN', message };
}

/**
 * A write on the state seen last. The only place that lets one go, so that the guard is asked on every state that a
 * write goes out on.
 */
export function write(task: Task, known: Known, { now, leftMs, deadlineMs }: Moment): Next {
  if (leftMs <= 0) return end(known, outOfTime(deadlineMs));
  const { computation } = task.request;
  if (computation !== undefined && isToCompute(task, known)) {
    const awaiting = { kind: 'changes' } as const;
    const step = { kind: 'compute', computation, record: present(known) } as const;
    return { known: { ...known, awaiting }, step };
  }
  const refused = endOfTransition(task, known, now);
  if (refused !== undefined) return end(known, refused);
  const open = stamped(task, known, now);
  const plan = planOf(task, known, open);
  const writing: Known = {
    ...known,
    open,
    writes: known.writes + 1,
    awaiting: { kind: 'answer', plan },
  };
  return { known: writing, step: { kind: 'write', plan, idempotency: open.idempotency } };
}

export function read(task: Task, known: Known, awaiting: Awaiting): Next {
  const patiently = task.request.mode === 'resolve';
  return {
    known: { ...known, awaiting },
    step: { kind: 'read', fields: fieldsToRead(task), patiently },
  };
}

export function wait(known: Known, awaiting: Awaiting, pause: Wait): Next {
  return { known: { ...known, awaiting }, step: { kind: 'wait', wait: pause } };
}

function outOfTime(deadlineMs: number): Ending {
  return failed('exhausted', {
    code: 'DEADLINE',
    message: `The update was not finished within ${deadlineMs / 1000} s. Allow a longer deadline in the endpoint.`,
  });
}

/** What the write sets in the stamp field. A resend on the same version is the same write. */
function stamped({ request }: Task, known: Known, now: number): OpenWrite {
  const { open, computedOn } = known;
  const { version } = present(known);
  if (request.stamp === undefined || open.stamp?.version === version) return open;
  const value = computedOn === undefined ? new Date(now).toISOString() : computedOn.token;
  return { ...open, stamp: { version, value } };
}

/** The next write, on the snapshot it was decided on. */
function planOf(task: Task, known: Known, { stamp }: OpenWrite): WritePlan {
  const { ref, method, action, stamp: field } = task.request;
  const changes = changesToSend(task, known);
  const answer = known.latest?.answer;
  const plan: { -readonly [K in keyof WritePlan]: WritePlan[K] } = {
    ref,
    method,
    changes: field === undefined || !stamp ? changes : { ...changes, [field]: stamp.value },
    precondition: isForced(task) ? 'any' : preconditionOf(present(known)),
  };
  if (answer !== undefined) plan.read = answer;
  if (action !== undefined) plan.action = action;
  return plan;
}

function preconditionOf({ version, modifiedAt }: Snapshot): WritePlan['precondition'] {
  return modifiedAt === undefined ? { version } : { version, modifiedAt };
}

/**
 * An action is called as a whole: what it was given says what it brings about. A snapshot of the message may have
 * been altered on its way, so only a read of this run tells what need not be sent.
 */
function changesToSend(task: Task, known: Known): Fields {
  const { toSend, latest } = known;
  const isWhole = isForced(task) || task.request.action !== undefined;
  if (isWhole || !task.family.sendsOnlyDifferences) return toSend;
  if (latest?.answer === undefined) return toSend;
  const names = missing(task, known, latest.snapshot.values);
  if (names.length === 0 || names.length === known.targets.length) return toSend;
  return Object.fromEntries(names.map(name => [name, toSend[name]]));
}
