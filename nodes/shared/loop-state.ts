import type { TransitionGuard } from '../../lib/lifecycle/guard';
import {
  isUnsettled,
  type UpdateEvidence,
  type UpdateResult,
  type WriteFate,
} from '../../lib/outcome/outcome';
import { isFields } from '../../lib/record/fields';
import { InputError, StopError } from '../../lib/errors';
import { clearCounter } from './retry-counter';
import type { Message, Scope } from './scope';

/**
 * What the pass before of a wired loop left in the message; undefined: no loop goes on.
 * Throws InputError `RESULT_INVALID`.
 */
export function passBefore(scope: Scope, path: string): Partial<UpdateResult> | undefined {
  const before = scope.get(path);
  if (!isFields(before) || before.outcome !== 'retry') return undefined;
  if (isDoubt(before.pending) && isBase(before.base)) return before;
  throw new InputError(
    'RESULT_INVALID',
    `msg.${path} says "retry" but is not what these nodes have put there, so that nobody can tell whether a write is in doubt. Do not change msg.${path} in the loop; delete it where a new loop is to begin, or choose another place under Result.`,
  );
}

/** What a result says of a write in doubt; undefined: nothing, or nothing that these nodes have put there. */
export function fateIn({ base, pending }: Partial<UpdateResult>): WriteFate | undefined {
  if (base === undefined || pending === undefined) return undefined;
  return isBase(base) && isDoubt(pending) ? { base, pending } : undefined;
}

/** As conditional-update leaves it, or none. */
function isDoubt(pending: unknown): boolean {
  if (pending === undefined) return true;
  return (
    isFields(pending) &&
    typeof pending.versionSent === 'string' &&
    typeof pending.changesHash === 'string'
  );
}

function isBase(base: unknown): boolean {
  if (base === undefined) return true;
  if (!isFields(base) || typeof base.changesHash !== 'string' || !isFields(base.snapshot))
    return false;
  const { url, version, values } = base.snapshot;
  return typeof url === 'string' && typeof version === 'string' && isFields(values);
}

/**
 * Ends a wired loop outside conditional-update: the result replaces what the passes before left behind.
 * A write of an earlier pass may be in place, and an end without a look at the record does not tell.
 */
export function endLoop(scope: Scope, path: string, result: UpdateResult): void {
  const inDoubt = isInDoubt(scope, path) && result.outcome !== 'not-found';
  const ended: UpdateResult = inDoubt ? { ...result, outcome: 'uncertain' } : result;
  const before = scope.get(path) as Partial<UpdateResult> | null | undefined;
  scope.set(path, withEvidence(scope, ended, before ?? undefined));
  clearLoop(scope.msg);
}

/** What whoever does the update once more has to know, of the passes before and of the guard, which does not stay. */
export function withEvidence(
  { msg: { guard } }: Pick<Scope, 'msg'>,
  result: UpdateResult,
  before: Partial<UpdateResult> | undefined,
): UpdateResult {
  const { base, pending, node } = before?.outcome === 'retry' ? before : {};
  const isGuarded = isFields(guard) && isFields(guard.machine);
  if (base === undefined && pending === undefined && node === undefined && !isGuarded)
    return result;
  const evidence: UpdateEvidence = {
    ...(base === undefined ? {} : { base }),
    ...(pending === undefined ? {} : { pending }),
    ...result.evidence,
    ...(isGuarded ? { transition: guard as unknown as TransitionGuard } : {}),
  };
  return { ...result, ...(node === undefined ? {} : { node }), evidence };
}

/** What a loop that has ended must not leave to the next update of the message. */
export function clearLoop(msg: Message): void {
  clearCounter(msg);
  // In its default place only; whoever chose another one removes it there, or sends the message through transition-guard.
  if (isFields(msg.guard) && isFields(msg.guard.machine)) Reflect.deleteProperty(msg, 'guard');
}

/** The flow stops while a message is on its way through a wired loop, or into one. */
export function stoppedInLoop(scope: Scope, path: string, message: string): StopError {
  if (!isInDoubt(scope, path)) return new StopError('STOPPED', message);
  return new StopError(
    'UPDATE_UNCERTAIN',
    `${message} The fate of an earlier write is unknown: look at the record before sending the update again.`,
  );
}

function isInDoubt(scope: Scope, path: string): boolean {
  const before = scope.get(path) as Partial<UpdateResult> | null | undefined;
  return before?.outcome === 'retry' && isUnsettled(before.pending);
}
