import type { WritePlan } from '../api/family';
import type { InputError, StopError } from '../errors';
import type { Answer } from '../outcome/answer';
import type { IdempotencyKey } from '../outcome/outcome';
import type { Snapshot } from '../record/snapshot';
import { isInDoubt, versionInDoubt } from './doubt';
import { failed, outOfTime, whileInDoubt, type Ending } from './ending';
import { fieldsToRead, isToCompute, present, type Awaiting, type Known, type Task } from './known';
import type { Wait } from './patience';
import type { Computation, ConflictView, Decide } from './request';
import { endOfTransition } from './transition';
import { planOf, stamped } from './write';

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
  | {
      readonly kind: 'compute';
      readonly computation: Computation;
      readonly record: Snapshot;
      /** That showed the record. */
      readonly answer: Answer | undefined;
    }
  | { readonly kind: 'end'; readonly ending: Ending }
  | { readonly kind: 'stop'; readonly code: StopError['code']; readonly message: string }
  /** A fault of the flow, found while no write is in doubt. */
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
  const final = isInDoubt(known.doubt) ? whileInDoubt(ending) : ending;
  return { known, step: { kind: 'end', ending: final } };
}

/** Nobody waits for an outcome any more: all that counts is whether a write is in doubt. */
export function stop({ request }: Task, { doubt, attempts, targets }: Known): Step {
  const sent = versionInDoubt(doubt) ?? attempts.at(-1)?.versionSent ?? 'none';
  const fields = targets.map(({ name }) => name).join(', ');
  const detail = `record ${JSON.stringify(request.ref.key)}, version sent ${sent}, fields ${fields}`;
  if (!isInDoubt(doubt)) {
    const message = `The flow was stopped before the update was written (${detail}).`;
    return { kind: 'stop', code: 'STOPPED', message };
  }
  const message = `The flow was stopped before the fate of a write was known (${detail}). Look at the record before sending the update again.`;
  return { kind: 'stop', code: 'UPDATE_UNCERTAIN', message };
}

/**
 * A write on the state seen last. The only place that lets one go, so that the transition guard is asked on every state that a
 * write goes out on.
 */
export function write(task: Task, known: Known, { now, leftMs, deadlineMs }: Moment): Next {
  if (leftMs <= 0) return end(known, outOfTime(deadlineMs));
  const { computation } = task.request;
  if (computation !== undefined && isToCompute(task, known)) {
    const awaiting = { kind: 'changes' } as const;
    const record = present(known);
    const step = { kind: 'compute', computation, record, answer: known.latest?.answer } as const;
    return { known: { ...known, awaiting }, step };
  }
  const refused = endOfTransition(task, known, now);
  if (refused !== undefined) return end(known, refused);
  const doubt = stamped(task, known, now);
  const plan = planOf(task, known, doubt);
  const writing: Known = {
    ...known,
    doubt,
    writes: known.writes + 1,
    awaiting: { kind: 'answer', plan },
  };
  return { known: writing, step: { kind: 'write', plan, idempotency: doubt.idempotency } };
}

export function read(task: Task, known: Known, awaiting: Awaiting): Next {
  const patiently = task.request.mode === 'resolve';
  return {
    known: { ...known, awaiting },
    step: { kind: 'read', fields: isWhole(awaiting) ? undefined : fieldsToRead(task), patiently },
  };
}

/** A version that seems stuck may be that of the fields read: the whole record tells. */
function isWhole(awaiting: Awaiting): boolean {
  return (
    awaiting.kind === 'reading' && awaiting.reading.for === 'trouble' && awaiting.reading.isSecond
  );
}

export function wait(known: Known, awaiting: Awaiting, pause: Wait): Next {
  return { known: { ...known, awaiting }, step: { kind: 'wait', wait: pause } };
}

/** A fault of the flow ends an update as such, unless a write is in doubt, which is then what counts. */
export function fail(known: Known, error: InputError): Next {
  if (!isInDoubt(known.doubt)) return { known, step: { kind: 'fail', error } };
  const { code, message } = error;
  return end(known, failed('uncertain', { code, message }));
}
