import { shown } from '../lifecycle/wording';
import type { Outcome } from '../outcome/outcome';
import { asShown } from '../record/exact';
import { isFields, type Fields } from '../record/fields';
import { jsonValue } from '../record/json-value';
import {
  type FieldConflict,
  mergeColliding,
  reconcile,
  type Reconciled,
  type ReconcileInput,
  setAlike,
  type Target,
} from '../record/reconcile';
import type { RetryCause } from '../retry/policy';
import {
  isInDoubt,
  isUnseen,
  doubtedAgain,
  seenUnmoved,
  settledByMove,
  showsFormerStamp,
  showsFormerToken,
} from './doubt';
import { failed, proven, SAME_IN_DOUBT, type Ending } from './ending';
import {
  guardsOf,
  isElsewhere,
  isForced,
  isMoved,
  isProof,
  isShown,
  present,
  rebased,
  targetsOf,
  type Collision,
  type Known,
  type Task,
  type Trouble,
} from './known';
import type { ConflictView, Decide, Decision } from './request';
import { isLostBySame } from './same-value';
import { notProgressing, NOT_PROGRESSING } from './stuck';
import { endOfTransition } from './transition';

/** What to do after comparing the record with the baseline. */
export type Settled = { readonly known: Known } & (
  | { readonly kind: 'end'; readonly ending: Ending }
  /** The write may be tried (again) on the version just read. */
  | { readonly kind: 'again'; readonly cause: RetryCause }
  /** A decision function has to be asked about a conflict. */
  | { readonly kind: 'ask'; readonly decide: Decide; readonly collision: Collision }
);

/** Whatever happened between the baseline and the record as it was seen before the first write. */
export function settleBefore(task: Task, known: Known, now: number): Settled {
  if (isForced(task)) return settleForced(known);
  const hasMoved = known.base?.version !== present(known).version || isElsewhere(known);
  return hasMoved ? settleMoved(task, known, now) : again(known, 'noise');
}

/**
 * Compares the record as it is now with the baseline, after an attempt that did not succeed.
 * The order of the checks matters: docs/safety.md, "The update loop".
 */
export function settle(task: Task, known: Known, trouble: Trouble, now: number): Settled {
  const isUnmoved = present(known).version === trouble.sentOn;
  if (isUnmoved || isForced(task)) {
    if (isShown(task, known) && (isProof(known) || !isUnmoved)) return inPlace(known);
  }
  if (isForced(task)) return settleForced(known, trouble, isUnmoved);
  if (!isUnmoved) return settleMoved(task, known, now, trouble);
  return asTransitionSees(task, unmoved(known, trouble), now);
}

/**
 * Every target is as desired: ours when a write of ours may have done it. A cache may show what no longer holds; then
 * only a write on its version tells, and that only where none is in doubt.
 */
export function inPlace(known: Known): Settled {
  if (isProof(known)) {
    return end(known, proven(known.doubt.everInDoubt ? 'already-applied' : 'unchanged'));
  }
  return isInDoubt(known.doubt) ? end(known, SHOWN_BY_CACHE) : again(known, 'noise');
}

/** What the conflict rule decided goes on as after noise. */
export function settleRuled(task: Task, ruled: Ruled, trouble: Trouble | undefined): Settled {
  const { known } = ruled;
  if (ruled.end !== undefined) return end(known, ruled.end);
  // Only a transition guard tells whether the state that is there now allows what the state before did not.
  if (trouble?.kind === 'state-conflict' && task.transition === undefined) {
    return end(known, trouble.ending);
  }
  return again(known, 'noise');
}

/** A forced write has no version to tell noise from a revert of ours; only the API can know it again, by its key. */
function settleForced(known: Known, trouble?: Trouble, isUnmoved = false): Settled {
  if (isUnseen(known.doubt)) return end(known, POSSIBLY_REVERTED);
  if (isUnmoved && trouble?.kind === 'undetermined') return unmoved(known, trouble);
  if (trouble?.kind === 'state-conflict') return end(known, trouble.ending);
  return again(known, 'noise');
}

/** The record moved away from the baseline: noise goes on, a collision meets the conflict rule. */
function settleMoved(task: Task, before: Known, now: number, trouble?: Trouble): Settled {
  if (task.request.computation !== undefined) return settleComputed(task, before);
  // It may have moved after the re-read that ended a doubt, which is by far the likelier, or that one was behind:
  // only a stamp field tells the two apart.
  const known =
    task.request.stamp === undefined ? before : { ...before, doubt: doubtedAgain(before.doubt) };
  const current = present(known);
  const base = known.base ?? current;
  const compared = comparisonOf(task, known);
  const alike = setAlike(compared);
  const lost = alike.filter(target => isLostBySame(task, known, target));
  const found = reconcile({ ...compared, lost });
  const marked = withSame(known, alike);
  if (found.kind === 'applied') return inPlace(marked);
  // Where equality proves nothing, the re-read that had ended a doubt may have been behind, too.
  const doubted = lost.length === 0 ? known : { ...known, doubt: doubtedAgain(known.doubt) };
  const doubtful = stillInDoubt(task, doubted, found);
  if (doubtful !== undefined) return end(doubted, doubtful);
  // With the doubt goes a baseline that nobody has decided on, and with that whatever differs from it.
  const clear = rebased({ ...marked, doubt: settledByMove(known.doubt, current.version) });
  const refused = endOfTransition(task, clear, now);
  // Somebody else has made the transition: that says nothing of a count that came to the same value.
  const isCountLost = lost.length > 0 && refused?.outcome === 'unchanged';
  if (refused !== undefined && !isCountLost) return end(clear, refused);
  if (clear.base !== known.base) return settleRuled(task, { known: clear }, trouble);
  return collided(task, clear, { found, lost }, { base, current }, trouble);
}

function comparisonOf(task: Task, known: Known): Omit<ReconcileInput, 'lost'> {
  const current = present(known);
  return {
    targets: known.targets,
    guards: task.request.guards,
    base: (known.base ?? current).values,
    theirs: current.values,
    typeOf: task.typeOf,
    missingMeansNull: task.family.missingMeansNull,
  };
}

/** A write accepted for later, and a record that shows every target as desired. */
export function endOfAccepted(task: Task, known: Known): Ending {
  const lost = setAlike(comparisonOf(task, known)).filter(target =>
    isLostBySame(task, known, target),
  );
  // Computed changes are proven by their token.
  const isProven = task.request.computation !== undefined || lost.length === 0;
  return isProven ? proven('updated') : SAME_IN_DOUBT;
}

/** A write of ours that was in doubt at some time may have set them itself. */
function withSame(known: Known, alike: readonly Target[]): Known {
  if (alike.length === 0 || known.doubt.everInDoubt) return known;
  const names = alike.map(({ name }) => name);
  return { ...known, sameByOthers: [...new Set([...known.sameByOthers, ...names])] };
}

/**
 * The record of computed changes moved: they hold for a version only, so they are computed anew, unless a field moved
 * that the decision depended on. What the record shows never tells whose work it is; only the token of a write does,
 * or the one of before (docs/safety.md, "Computed changes").
 */
function settleComputed(task: Task, before: Known): Settled {
  const known = { ...before, doubt: doubtedAgain(before.doubt) };
  if (isShown(task, known)) return inPlace(known);
  if (isLeftInDoubt(task, known)) return end(known, INCREMENT_IN_DOUBT);
  const clear = rebased({ ...known, doubt: settledByMove(known.doubt, present(known).version) });
  const guards = guardsOf(task, clear, present(clear));
  const unknown = guards.filter(({ base, theirs }) => base === undefined || theirs === undefined);
  if (unknown.length > 0) return end(clear, unknownFields(unknown));
  const moved = guards.filter(field => isMoved(task, field));
  if (moved.length > 0) return end(clear, proven('conflict', { conflict: { fields: moved } }));
  return again({ ...clear, base: present(clear) }, 'noise');
}

/**
 * Whether a write in doubt may be what others changed the record after. Not where the record has moved since the
 * baseline, but not since that write, as in a later pass of a wired loop: the same bytes go again.
 */
function isLeftInDoubt(task: Task, known: Known): boolean {
  return isElsewhere(known) && !hasFormerStamp(task, known);
}

/** The write in doubt may have been applied before somebody changed the record: nothing is written after that. */
function stillInDoubt(task: Task, known: Known, found: Reconciled): Ending | undefined {
  if (!isLeftInDoubt(task, known)) return undefined;
  return found.kind === 'noise' ? POSSIBLY_REVERTED : possiblyOverwritten(fieldsOf(found));
}

function hasFormerStamp({ request, family }: Task, known: Known): boolean {
  if (request.stamp === undefined || !isProof(known)) return false;
  const shows = request.computation === undefined ? showsFormerStamp : showsFormerToken;
  return shows(known.doubt, family.readName(request.stamp), present(known).values);
}

/** What becomes of fields that were changed by somebody else; nothing where the update is forced. */
function collided(
  task: Task,
  known: Known,
  { found, lost }: { readonly found: Reconciled; readonly lost: readonly Target[] },
  snapshots: Pick<Collision, 'base' | 'current'>,
  trouble: Trouble | undefined,
): Settled {
  const ruled = (by: Ruled): Settled => settleRuled(task, by, trouble);
  const { rule, force } = task.request;
  if (force || found.kind === 'noise' || found.kind === 'applied') return ruled({ known });
  if (found.kind === 'unknown') return end(known, unknownFields(found.fields));
  if (found.guards.length > 0) {
    return end(known, proven('conflict', { conflict: { fields: fieldsOf(found) } }));
  }
  if (rule === 'report' && lost.length > 0) return end(known, sameValueSet(found.fields, lost));
  const collision = { fields: found.fields, ...snapshots };
  if (typeof rule === 'function') return { known, kind: 'ask', decide: rule, collision };
  return ruled(applyDecision(task, known, collision, rule));
}

/** The conflict is that nothing is left to write: said so, because base, ours and theirs do not show why. */
function sameValueSet(fields: readonly FieldConflict[], lost: readonly Target[]): Ending {
  const names = lost.map(({ name }) => name).join(', ');
  const error = {
    code: 'SAME_VALUE',
    message: `Somebody else has set ${names} to the very value of this update. Of a count, one of the two changes would be lost: compute it from the record instead. Where the number stands for something, declare it as a code under "Compare as"; or choose "done" for the same value.`,
  };
  return proven('conflict', { conflict: { fields }, error });
}

function fieldsOf(found: Reconciled): readonly FieldConflict[] {
  if (found.kind === 'conflict') return [...found.fields, ...found.guards];
  return found.kind === 'unknown' ? found.fields : [];
}

/** Nobody changed the record since the version that was sent. */
function unmoved(known: Known, trouble: Trouble): Settled {
  if (trouble.kind !== 'doubt') return refused(known, trouble);
  return refused({ ...known, doubt: seenUnmoved(known.doubt, isProof(known)) }, trouble);
}

/** A version need not count all that a transition depends on: what that sees by now is the better reason to end. */
function asTransitionSees(task: Task, settled: Settled, now: number): Settled {
  const { known } = settled;
  if (settled.kind !== 'end' || isInDoubt(known.doubt)) return settled;
  return end(known, endOfTransition(task, known, now) ?? settled.ending);
}

function refused(known: Known, trouble: Trouble): Settled {
  if (trouble.kind !== 'doubt' && trouble.isVersion) {
    // Re-reads are behind, then, and the one that ended a doubt may have been so too.
    const { snapshot, answer } = known.latest ?? {};
    const ending = notProgressing(snapshot?.version ?? trouble.sentOn, answer);
    return end({ ...known, doubt: doubtedAgain(known.doubt) }, ending);
  }
  switch (trouble.kind) {
    case 'doubt':
      return afterDoubt(known, trouble);
    case 'in-progress': // re-read for the last time
      return again(known, 'transient');
    case 'version-conflict':
    case 'undetermined':
    case 'state-conflict':
      return end(known, { ...trouble.ending, outcome: refusalOf(trouble), verified: true });
    default:
      return end(known, trouble.ending);
  }
}

/** The record is as before. Where the API answers with a web page or another address, or said that the write failed, trying again is no use. */
function afterDoubt(known: Known, { ending }: Trouble): Settled {
  switch (ending.error?.code) {
    case 'HTML_ANSWER':
      return end(known, { ...ending, outcome: 'denied' });
    case 'FAILURE_REPORTED':
      return end(known, { ...ending, outcome: 'rejected' });
    case 'REDIRECT':
      return end(known, { ...ending, outcome: 'unsupported' });
    default:
      return again(known, 'transient');
  }
}

/** Some APIs answer 409 to who may not change the record: sending it again will not help either. */
function refusalOf({ ending }: Trouble): Outcome {
  return ending.error?.code === 'ACCESS_REFUSED' ? 'denied' : 'invalid-state';
}

function end(known: Known, ending: Ending): Settled {
  return { known, kind: 'end', ending };
}

function again(known: Known, cause: RetryCause): Settled {
  return { known, kind: 'again', cause };
}

/** Whether the API refuses the version that its own read shows, as far as one re-read can tell. */
export function isStuck(settled: Settled): settled is Extract<Settled, { readonly kind: 'end' }> {
  return settled.kind === 'end' && settled.ending.error?.code === NOT_PROGRESSING;
}

function unknownFields(fields: readonly FieldConflict[]): Ending {
  const names = fields.map(({ name }) => name).join(', ');
  const error = {
    code: 'FIELD_UNKNOWN',
    message: `The record changed and ${names} cannot be compared: missing in the snapshot the decision was made on, or not readable now. Read these fields with etag-fetch, or check the read permission.`,
  };
  return failed('conflict', error, { conflict: { fields } });
}

/** A write of ours may have been in place before that: no conflict rule may undo what somebody did after it. */
function possiblyOverwritten(fields: readonly FieldConflict[]): Ending {
  const error = {
    code: 'WRITE_IN_DOUBT',
    message:
      'The answer to a write was lost, and the record has changed since in a field of this update: the write may have been applied before that. Look at the record and send the update again if it is still wanted.',
  };
  return failed('uncertain', error, { conflict: { fields } });
}

const POSSIBLY_REVERTED = failed('uncertain', {
  code: 'POSSIBLY_REVERTED',
  message:
    'The answer to a write was lost, and the record has changed since while the fields show their old values: either the write never arrived, or it was applied and reverted by somebody. Look at the record and send the update again if it is still wanted.',
});

const INCREMENT_IN_DOUBT = failed('uncertain', {
  code: 'WRITE_IN_DOUBT',
  message:
    'The answer to a write was lost, and the record has changed since. Its values were computed from the record, so what it shows now does not tell whether that write is in it: sent again, it could count twice. Look at the record. A "Written-by-us field" tells the two apart.',
});

const SHOWN_BY_CACHE = failed('uncertain', {
  code: 'SHOWN_BY_CACHE',
  message:
    'The answer to a write was lost, and only a cache shows the desired values: it may show a state from before the write. Look at the record once the cache has caught up, and send the update again if it is still wanted.',
});

/** What a conflict rule made of a conflict; without an ending the write goes on, on the version just read. */
export interface Ruled {
  readonly known: Known;
  readonly end?: Ending;
}

/** What a decision function is asked. */
export function viewOf({ request }: Task, known: Known, collision: Collision): ConflictView {
  const { fields, base, current } = collision;
  const { key } = request.ref;
  const ours = asShown(known.toSend) as Fields;
  return { key, fields, base: base.values, ours, theirs: current.values };
}

/** Applies what the conflict rule says to colliding target fields. */
export function applyDecision(
  task: Task,
  known: Known,
  collision: Collision,
  decision: Decision,
): Ruled {
  const { fields } = collision;
  if (decision === 'report') return { known, end: proven('conflict', { conflict: { fields } }) };
  if (decision === 'overwrite') return goOn(task, known, collision, known.toSend);
  if (task.request.action !== undefined) return applyToAction(task, known, collision, decision);
  if (decision === 'merge') return merged(task, known, collision);
  const rest = without(known.toSend, fields);
  return goOn(task, known, collision, decision === 'theirs' ? rest : { ...rest, ...decision });
}

/** The same for what a decision function answered. A broken decision decides nothing: the conflict is reported. */
export function applyAnswer(
  task: Task,
  known: Known,
  collision: Collision,
  answer: { readonly decision: unknown } | { readonly failure: string },
): Ruled {
  if ('failure' in answer) return { known, end: unusable(collision, answer.failure) };
  const checked = jsonValue(answer.decision);
  const decision = 'value' in checked ? checked.value : undefined;
  if (!isDecision(decision, known.toSend)) {
    return { known, end: unusable(collision, 'it gave no usable answer') };
  }
  const why = againstTransition(task, decision);
  if (why !== undefined) return { known, end: unusable(collision, why) };
  return applyDecision(task, known, collision, decision);
}

/** An action is called as a whole or not at all: what it writes cannot be taken apart. */
function applyToAction(
  task: Task,
  known: Known,
  collision: Collision,
  decision: Exclude<Decision, 'report' | 'overwrite'>,
): Ruled {
  if (decision === 'theirs') return goOn(task, known, collision, {});
  const error = {
    code: 'ACTION_INDIVISIBLE',
    message:
      'Somebody changed what the action is to bring about, and an action cannot be called in part. Choose report, keep theirs or overwrite as conflict rule, or write the fields instead of calling an action.',
  };
  return { known, end: conflictWith(collision, error) };
}

function unusable(collision: Collision, why: string): Ending {
  return conflictWith(collision, {
    code: 'DECISION_UNUSABLE',
    message: `The decision expression failed: ${why}. It must answer "report", "theirs", "overwrite", "merge" or an object with values for the fields of the changes.`,
  });
}

function conflictWith({ fields }: Collision, error: NonNullable<Ending['error']>): Ending {
  return failed('conflict', error, { verified: true, conflict: { fields } });
}

const DECISIONS: readonly unknown[] = ['report', 'theirs', 'overwrite', 'merge'];

/** Other fields than those of the changes were never compared, so nothing could be said about a write to them. */
function isDecision(value: unknown, toSend: Fields): value is Decision {
  if (!isFields(value)) return DECISIONS.includes(value);
  return Object.keys(value).every(name => Object.hasOwn(toSend, name));
}

/** A decision may leave the guarded status as it is to be, and no more. */
function againstTransition({ transition }: Task, decision: Decision): string | undefined {
  if (transition === undefined || typeof decision === 'string') return undefined;
  const { field, to } = transition;
  if (!Object.hasOwn(decision, field) || decision[field] === to) return undefined;
  return `it sets ${field} to ${shown(decision[field])}, and the transition guard of this message allows ${shown(to)} only`;
}

/** Writes these values on, and takes what was decided on for the baseline of its fields. */
function goOn(task: Task, known: Known, { fields, current }: Collision, toSend: Fields): Ruled {
  const given = fields.map(({ name }) => name).filter(name => !Object.hasOwn(toSend, name));
  const ruled = { ...known, kept: [...known.kept, ...given] };
  if (isGivenUp(task, toSend)) {
    return {
      known: ruled,
      end: proven('conflict', { conflict: { fields, resolution: 'theirs' } }),
    };
  }
  const { base } = known;
  const names = fields.map(({ name }) => task.family.readName(name));
  const seen = Object.fromEntries(names.map(name => [name, current.values[name]]));
  return {
    known: {
      ...ruled,
      toSend,
      targets: targetsOf(toSend, task.family),
      base: base && { ...base, values: { ...base.values, ...seen } },
    },
  };
}

/** Without its new status a guarded update has no sense of its own. */
function isGivenUp({ transition }: Task, toSend: Fields): boolean {
  if (Object.keys(toSend).length === 0) return true;
  return transition !== undefined && !Object.hasOwn(toSend, transition.field);
}

function without(changes: Fields, fields: readonly FieldConflict[]): Fields {
  const names = new Set(fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !names.has(name)));
}

/** Property by property: what both sides changed stays theirs, the rest is still ours to write. */
function merged(task: Task, known: Known, collision: Collision): Ruled {
  const changes: Record<string, unknown> = { ...known.toSend };
  const kept = [...known.kept];
  const { missingMeansNull } = task.family;
  for (const { name, base, ours, theirs } of collision.fields) {
    const left = mergeColliding(base, ours, theirs, task.typeOf(name), missingMeansNull);
    if (left.ours === undefined) Reflect.deleteProperty(changes, name);
    else changes[name] = asSent(left.ours, known.toSend[name]);
    if (left.kept) kept.push(name);
  }
  return goOn(task, { ...known, kept }, collision, changes);
}

/** What of a change is left, with its numbers as they are sent. */
function asSent(left: unknown, sent: unknown): unknown {
  if (!isFields(left) || !isFields(sent)) return sent;
  return Object.fromEntries(
    Object.entries(left).map(([name, value]) => [name, asSent(value, sent[name])]),
  );
}
